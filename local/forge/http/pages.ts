import type { Headers } from "./answer.ts";

/** One page of a list, by `page` and `per_page`, with GitHub's Link header. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly totalCount: number;
  readonly headers: Headers;
}

function positive(value: string | null, fallback: number, most: number): number {
  const number = value !== null && /^\d{1,9}$/.test(value) ? Number(value) : fallback;
  return Math.min(Math.max(number, 1), most);
}

/** Cuts the asked page out of a whole list. `url` is the request's public address, query included; at most 100 a page. */
export function paginate<T>(items: readonly T[], url: URL, standard = 30): Page<T> {
  const size = positive(url.searchParams.get("per_page"), standard, 100);
  const page = positive(url.searchParams.get("page"), 1, 1_000_000);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string): string => {
    const target = new URL(url);
    target.searchParams.set("page", String(to));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(link(page - 1, "prev"), link(1, "first"));
  if (page < last) links.push(link(page + 1, "next"), link(last, "last"));
  return {
    items: items.slice((page - 1) * size, page * size),
    totalCount: items.length,
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}
