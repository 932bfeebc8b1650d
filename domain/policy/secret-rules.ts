/** A shape of credentials whose issuer documents a fixed beginning, so that a match is a finding and not a guess. */
export interface SecretRule {
  readonly name: string;
  /** Literals of which every match has one: where a text has none of them, the pattern need not look for more. */
  readonly keywords: readonly [string, ...string[]];
  /**
   * Linear in its input: after the fixed beginning come parts of bounded length, a long one only at the end, with nothing after it to
   * go back for.
   */
  readonly pattern: RegExp;
  /** Fewer bits a character than this are no credential: for shapes that other things have too. */
  readonly minEntropy?: number;
}

const hex = "[a-f0-9]";
const word = "[A-Za-z0-9]";
const wide = "[A-Za-z0-9_-]";
const base64 = "[A-Za-z0-9+/]";

const rule = (name: string, keywords: SecretRule["keywords"], pattern: string, minEntropy?: number): SecretRule => ({
  name,
  keywords,
  pattern: new RegExp(pattern, "gu"),
  ...(minEntropy === undefined ? {} : { minEntropy }),
});

/**
 * Derived from the rules that gitleaks publishes (config/gitleaks.toml of https://github.com/gitleaks/gitleaks, MIT License,
 * commit b58d3f1): those with a fixed beginning. Its right boundaries are left out: a longer match only hides more.
 */
export const secretRules: readonly SecretRule[] = [
  rule(
    "1Password secret key",
    ["A3-"],
    `\\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}\\b`,
  ),
  rule("1Password service account", ["ops_eyJ"], `\\bops_eyJ${base64}{250,1000}`),
  rule("Adobe client secret", ["p8e-"], `\\bp8e-${word}{32,1000}`),
  rule("age secret key", ["AGE-SECRET-KEY-1"], `AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}`),
  rule("Airtable token", ["pat"], `\\bpat${word}{14}\\.${hex}{64}`),
  rule("Alibaba access key id", ["LTAI"], `\\bLTAI${word}{20,1000}`, 3),
  rule("Anthropic API key", ["sk-ant-"], `\\bsk-ant-${wide}{20,1000}`),
  rule("Artifactory API key", ["AKCp"], `\\bAKCp${word}{69,1000}`),
  rule("Artifactory reference token", ["cmVmd"], `\\bcmVmd${word}{59,1000}`),
  rule(
    "AWS access key id",
    ["A3T", "AKIA", "ASIA", "ABIA", "ACCA"],
    `\\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\\b`,
  ),
  rule("AWS Bedrock API key", ["ABSK"], `\\bABSK${base64}{109,1000}`),
  rule("AWS Bedrock API key", ["bedrock-api-key-"], `\\bbedrock-api-key-${word}{20,1000}`),
  rule("Azure AD client secret", ["Q~"], `(?<![\\w~.-])[A-Za-z0-9_~.]{3}\\dQ~[A-Za-z0-9_~.-]{31,1000}`, 3),
  rule("ClickHouse Cloud API key", ["4b1d"], `\\b4b1d${word}{38,1000}`, 3),
  rule("Clojars token", ["CLOJARS_"], `\\bCLOJARS_[a-z0-9]{60,1000}`),
  rule("Cloudflare origin CA key", ["v1.0-"], `\\bv1\\.0-${hex}{24}-${hex}{146}`),
  rule("Databricks token", ["dapi"], `\\bdapi${hex}{32,1000}`),
  rule("DigitalOcean token", ["_v1_"], `\\bdo[opr]_v1_${hex}{64}`),
  rule("Docker access token", ["dckr_"], `\\bdckr_(?:pat|oat)_${wide}{27,1000}`),
  rule("Doppler token", ["dp."], `\\bdp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[a-z0-9_-]{2,35}\\.)?${word}{40,1000}`),
  rule("Duffel token", ["duffel_"], `\\bduffel_(?:test|live)_${wide}{43,1000}`),
  rule("Dynatrace token", ["dt0c01."], `\\bdt0c01\\.${word}{24}\\.${word}{64}`),
  rule("EasyPost API key", ["EZAK", "EZTK"], `\\bEZ[AT]K${word}{54,1000}`),
  rule("Facebook page token", ["EAAM", "EAAC"], `\\bEAA[MC]${word}{100,1000}`),
  rule("Figma token", ["figd_"], `\\bfigd_${wide}{38,1000}`),
  rule("Flutterwave key", ["FLWSECK"], `\\bFLWSECK(?:_TEST)?-[A-Za-z0-9]{12,1000}`),
  rule(
    "Fly.io token",
    ["fo1_", "fm1a_", "fm1r_", "fm2_"],
    `\\b(?:fo1_${wide}{43}|fm1[ar]_${base64}{100,1000}|fm2_${base64}{100,1000})`,
  ),
  rule("Frame.io token", ["fio-u-"], `\\bfio-u-${wide}{64,1000}`),
  rule("GitHub fine-grained token", ["github_pat_"], `\\bgithub_pat_[A-Za-z0-9_]{60,1000}`),
  rule("GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], `\\bgh[pousr]_${word}{36,1000}`),
  rule(
    "GitLab token",
    ["glpat-", "gldt-", "glft-", "glrt-", "glptt-", "glimt-", "glsoat-", "gloas-", "glcbt-", "glffct-", "glagent-"],
    `\\bgl(?:pat|dt|ft|rt|ptt|imt|soat|oas|cbt|ffct|agent)-${wide}{20,1000}`,
  ),
  rule("GitLab runner token", ["GR1348941"], `\\bGR1348941${wide}{20,1000}`),
  rule("Google API key", ["AIza"], `\\bAIza${wide}{35}`),
  rule("Google OAuth client secret", ["GOCSPX-"], `\\bGOCSPX-${wide}{28}`),
  rule("Grafana token", ["glc_", "glsa_"], `\\bgl(?:c_${base64}{32,1000}|sa_${word}{32}_[A-Fa-f0-9]{8})`),
  rule("Grafana API key", ["eyJrIjoi"], `\\beyJrIjoi${word}{70,1000}`),
  rule("Harness API key", ["pat.", "sat."], `\\b[ps]at\\.${wide}{22}\\.${word}{24}\\.${word}{20}`),
  rule("HashiCorp Terraform token", [".atlasv1."], `\\b${word}{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,1000}`),
  rule("HashiCorp Vault token", ["hvb.", "hvs.", "hvr."], `\\bhv[bsr]\\.${wide}{90,1000}`),
  rule("Heroku API key", ["HRKU-AA"], `\\bHRKU-AA${wide}{58,1000}`),
  rule("Hugging Face token", ["hf_", "api_org_"], `\\b(?:hf_|api_org_)${word}{34,1000}`, 3),
  rule("Infracost token", ["ico-"], `\\bico-${word}{32}\\b`, 3),
  rule("Intra 42 client secret", ["s-s4t2"], `\\bs-s4t2(?:ud|af)-${hex}{64}`),
  rule("Linear API key", ["lin_api_"], `\\blin_api_${word}{40,1000}`),
  rule("MaxMind license key", ["_mmk"], `(?<!\\w)${word}{6}_${word}{29}_mmk\\b`),
  rule(
    "Microsoft Teams webhook",
    [".webhook.office.com/webhookb2/"],
    `https://[a-z0-9]{1,60}\\.webhook\\.office\\.com/webhookb2/[a-z0-9-]{36}@[a-z0-9-]{36}/IncomingWebhook/[a-z0-9]{32}`,
  ),
  rule("Notion token", ["ntn_"], `\\bntn_[0-9]{11}${word}{35}`),
  rule("npm token", ["npm_"], `\\bnpm_${word}{36,1000}`),
  rule("NVIDIA API key", ["nvapi-"], `\\bnvapi-${wide}{60,1000}`),
  rule("Octopus Deploy API key", ["API-"], `\\bAPI-[A-Z0-9]{26}\\b`, 3),
  rule(
    "OpenAI API key",
    ["sk-"],
    `\\bsk-(?:proj|svcacct|admin)-${wide}{40,1000}|\\bsk-${word}{20}T3BlbkFJ${word}{20,1000}|\\bsk-${word}{40,1000}`,
    3,
  ),
  rule("OpenShift token", ["sha256~"], `\\bsha256~${wide}{43}`),
  rule("Perplexity API key", ["pplx-"], `\\bpplx-${word}{48,1000}`),
  rule("PlanetScale credential", ["pscale_"], `\\bpscale_(?:tkn|oauth|pw)_[\\w=.-]{32,1000}`),
  rule("Postman API key", ["PMAK-"], `\\bPMAK-[A-Fa-f0-9]{24}-[A-Fa-f0-9]{34}`),
  rule("Prefect token", ["pnu_", "pnb_"], `\\bpn[ub]_${word}{36,1000}`),
  rule("Pulumi token", ["pul-"], `\\bpul-${hex}{40}`),
  rule("PyPI token", ["pypi-AgEIcHlwaS5vcmc"], `\\bpypi-AgEIcHlwaS5vcmc${wide}{50,1000}`),
  rule("ReadMe token", ["rdme_"], `\\brdme_[a-z0-9]{70,1000}`),
  rule("RubyGems API key", ["rubygems_"], `\\brubygems_${hex}{48}`),
  rule("Scalingo token", ["tk-us-"], `\\btk-us-${wide}{48,1000}`),
  rule("SendGrid API key", ["SG."], `\\bSG\\.${wide}{16,22}\\.${wide}{43}`),
  rule("Sendinblue API key", ["xkeysib-"], `\\bxkeysib-${hex}{64}-${word}{16}`),
  rule("Sentry token", ["sntrys_", "sntryu_"], `\\bsntry[su]_(?:eyJ${base64}{40,1000}|${hex}{64})`),
  rule("SettleMint token", ["sm_aat_", "sm_pat_", "sm_sat_"], `\\bsm_[aps]at_${word}{16,1000}`, 3),
  rule("Shippo token", ["shippo_"], `\\bshippo_(?:live|test)_[a-fA-F0-9]{40}`),
  rule("Shopify token", ["shpat_", "shpca_", "shppa_", "shpss_"], `\\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}`),
  rule("Slack app token", ["xapp-"], `\\bxapp-\\d-[A-Z0-9]{5,20}-\\d{5,20}-[a-z0-9]{20,1000}`),
  rule("Slack token", ["xox"], `\\bxox[abeposr](?:\\.xox[bp])?-[A-Za-z0-9-]{20,1000}`),
  rule(
    "Slack webhook",
    ["hooks.slack.com/"],
    `\\bhooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,1000}`,
  ),
  rule("Sourcegraph token", ["sgp_"], `\\bsgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}`),
  rule("Square token", ["EAAA", "sq0atp-", "sq0csp-"], `\\b(?:EAAA|sq0atp-|sq0csp-)${wide}{22,1000}`, 3.5),
  rule("Stripe secret key", ["k_live_", "k_test_", "k_prod_"], `\\b[sr]k_(?:live|test|prod)_${word}{20,1000}`),
  rule("Stripe webhook secret", ["whsec_"], `\\bwhsec_${word}{32,1000}`),
  rule("Supabase key", ["sbp_", "sb_secret_"], `\\bsb(?:p_${hex}{40}|_secret_${wide}{31})`),
  rule("Twilio API key", ["SK"], `\\bSK[0-9a-f]{32}\\b`, 3),
  rule("Typeform token", ["tfp_"], `\\btfp_${wide}{40,1000}`),
];

/** No credential is shorter than this: `ab://:abc@`. */
const shortest = 10;
const anyKeyword = new RegExp(
  [...new Set(secretRules.flatMap(({ keywords }) => keywords))]
    .map((keyword) => keyword.replaceAll(".", "\\."))
    .join("|"),
);

/** False for a text that is too short for any credential. */
export function canHoldSecret(text: string): boolean {
  return text.length >= shortest;
}

/** False for a text in which no rule can match, so that one look spares some eighty. */
export function hasKeyword(text: string): boolean {
  return canHoldSecret(text) && anyKeyword.test(text);
}

/** False for a text in which this rule can't match. */
export function mayMatch({ keywords }: SecretRule, text: string): boolean {
  return keywords.some((keyword) => text.includes(keyword));
}
