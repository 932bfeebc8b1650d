import { install } from "../bring-in/installations.ts";
import type { ForgeContext } from "../context.ts";
import { redirect, type Answer } from "../http/answer.ts";
import { html, page } from "./html.ts";

/** The app's own page. */
export function showApp(context: ForgeContext): Answer {
  const { slug } = context.app;
  return page(
    slug,
    html`<h1>${slug}</h1>
      <p><a href="/apps/${slug}/installations/new">Install</a></p>`,
  );
}

/** Asks which account the app is to be installed on, and for which repositories. */
export function askInstall(context: ForgeContext, url: URL): Answer {
  const { store, app } = context;
  const state = url.searchParams.get("state");
  const owners = new Map(store.repositories.all().map(({ ownerId }) => [ownerId, store.accounts.byId(ownerId)]));
  for (const installation of store.installations.all())
    owners.set(installation.accountId, store.accounts.byId(installation.accountId));
  const forms = [...owners.values()].map((owner) => {
    const installation = store.installations.byAccount(owner.id);
    const reached = installation === undefined ? [] : store.installations.repositoryIds(installation);
    const boxes = store.repositories.byOwner(owner.id).map(
      ({ id, name }) =>
        html`<p>
          <label
            ><input type="checkbox" name="repository" value="${name}" ${reached.includes(id) ? html`checked` : ""} />
            ${name}</label
          >
        </p>`,
    );
    return html`<form method="post" action="/apps/${app.slug}/installations/new">
      <h2>${owner.login}</h2>
      <input type="hidden" name="owner" value="${owner.login}" />
      ${state === null ? "" : html`<input type="hidden" name="state" value="${state}" />`}
      <button type="submit" name="selection" value="all">Install on all repositories of ${owner.login}</button>
      ${boxes}
      <button type="submit" name="selection" value="selected">Install on the ticked repositories</button>
    </form>`;
  });
  return page(
    `Install ${app.slug}`,
    html`<h1>Install ${app.slug}</h1>
      ${forms}${forms.length === 0 ? html`<p>There is no account with a repository yet.</p>` : ""}`,
  );
}

/** Installs the app as asked, and sends the browser to the app's setup address, when it has one. */
export function acceptInstall(context: ForgeContext, form: URLSearchParams, isOwnForm: boolean): Answer {
  if (!isOwnForm) {
    return page(
      "Refused",
      html`<h1>Refused</h1>
        <p>The form was sent from another site.</p>`,
      403,
    );
  }
  const owner = context.store.accounts.byLogin(form.get("owner") ?? "");
  if (owner === undefined)
    return page(
      "Refused",
      html`<h1>Refused</h1>
        <p>There is no such account.</p>`,
      400,
    );
  const before = context.store.installations.byAccount(owner.id);
  const installation = install(context, {
    owner: owner.login,
    repositories: form.get("selection") === "selected" ? form.getAll("repository") : "all",
    ...(before === undefined ? {} : { permissions: before.permissions }),
  });
  const back = context.app.setupUrl;
  if (back === undefined)
    return page(
      "Installed",
      html`<h1>Installed</h1>
        <p>${context.app.slug} is installed on ${owner.login}.</p>`,
    );
  const target = new URL(back);
  target.searchParams.set("installation_id", String(installation.id));
  target.searchParams.set("setup_action", before === undefined ? "install" : "update");
  const state = form.get("state");
  if (state !== null) target.searchParams.set("state", state);
  return redirect(302, target.href);
}
