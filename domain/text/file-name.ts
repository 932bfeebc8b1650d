/** Controls, marks that turn the reading direction, and characters that paths or headers give a meaning. */
const unwanted = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029/\\:*?"<>|]/gu;

/**
 * A file's name as it is kept: without folders, controls and characters that a file system forbids, at most `longest` characters with
 * its ending kept; `file` where nothing is left.
 */
export function cleanFileName(given: string, longest: number): string {
  const last = given.split(/[/\\]/u).at(-1) ?? "";
  const name = last
    .normalize("NFC")
    .replaceAll(unwanted, "")
    .replaceAll(/\s+/gu, " ")
    .trim()
    .replace(/^\.+/u, "")
    .trim();
  if (name === "") return "file";
  const characters = Array.from(name);
  if (characters.length <= longest) return name;
  const [, ending = ""] = /(\.[^.]{1,12})$/u.exec(name) ?? [];
  return `${characters.slice(0, longest - Array.from(ending).length).join("")}${ending}`;
}

/** The value of a `content-disposition` that saves a file under this name. https://www.rfc-editor.org/rfc/rfc6266 */
export function savedAs(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, "_");
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/gu,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
