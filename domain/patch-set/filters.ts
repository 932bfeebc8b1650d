const lfsPointer = "version https://git-lfs.github.com/spec/v1\n";
const cryptHeader = "\0GITCRYPT\0";

/** Whether a file's content is a pointer of Git LFS. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export function isLfsPointer(bytes: Uint8Array): boolean {
  return bytes.length < 1024 && startsWith(bytes, lfsPointer);
}

/**
 * Why content may not be stored at a path that `.gitattributes` gives this filter, or undefined when it may. A filter's program is
 * not run here: LFS would have a pointer in the place of the content, and git-crypt the encrypted content.
 */
export function filterProblem(filter: string, bytes: Uint8Array): string | undefined {
  if (filter === "lfs" && !isLfsPointer(bytes))
    return "is kept by Git LFS, which can't be written from here: leave its pointer as it is, or put the file at a path without LFS";
  if (filter.startsWith("git-crypt") && !startsWith(bytes, cryptHeader))
    return "is encrypted by git-crypt, and its plain content may not be written";
  return undefined;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Array.from(text).every((character, index) => bytes[index] === character.charCodeAt(0));
}
