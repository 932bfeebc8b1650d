/**
 * Words as phrases of FTS5, so that no character of theirs is an operator: every word must occur, parts of words count. Words shorter than a
 * trigram can't be found alone and are left out beside longer ones. https://www.sqlite.org/fts5.html#the_trigram_tokenizer
 */
export function matchQuery(text: string): string {
  const words = text.split(/\s+/u).filter((word) => Array.from(word).length >= 3);
  return (words.length === 0 ? [text] : words).map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
}
