import type { KeyboardEvent } from "react";

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowDown: [0, 1],
  j: [0, 1],
  ArrowUp: [0, -1],
  k: [0, -1],
  ArrowRight: [1, 0],
  l: [1, 0],
  ArrowLeft: [-1, 0],
  h: [-1, 0],
};

/** Moves the focus from card to card: up and down within a column, left and right to the card at the same height. */
export function walkCards(lanes: HTMLElement | null, event: KeyboardEvent): void {
  const step = steps[event.key];
  if (lanes === null || step === undefined || event.metaKey || event.ctrlKey) return;
  const grid = [...lanes.querySelectorAll("[data-lane]")].map((lane) => [
    ...lane.querySelectorAll<HTMLElement>("[data-card]"),
  ]);
  const at = document.activeElement;
  let x = grid.findIndex((cards) => cards.some((card) => card === at));
  if (at === null || x === -1) return;
  let target: HTMLElement | undefined;
  if (step[0] === 0) {
    const cards = grid[x] ?? [];
    target = cards[cards.findIndex((card) => card === at) + step[1]];
  } else {
    do x += step[0];
    while (grid[x]?.length === 0);
    const height = at.getBoundingClientRect().top;
    const away = (card: HTMLElement) => Math.abs(card.getBoundingClientRect().top - height);
    target = grid[x]?.toSorted((a, b) => away(a) - away(b))[0];
  }
  if (target === undefined) return;
  event.preventDefault();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}
