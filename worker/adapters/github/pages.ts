import { forgeError } from "./errors.ts";

/** The most that GitHub gives at once. */
export const perPage = 100;
const maxPages = 100;

/** All items of a list, page by page (https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api). */
export async function collectPages<T>(
  what: string,
  fetchPage: (page: number) => Promise<{ readonly items: readonly T[]; readonly link: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let page = 1; page <= maxPages; page += 1) {
    const { items, link } = await fetchPage(page);
    all.push(...items);
    const hasMore = link === undefined ? items.length >= perPage : link.includes('rel="next"');
    if (!hasMore) return all;
  }
  throw forgeError("permanent", "too_large", `${what}: more than ${maxPages} pages`);
}
