/** Tells where the pointer or finger is, and null when something was scrolled under it. */
export function followPoint(tell: (at: { readonly x: number; readonly y: number } | null) => void): () => void {
  const mouse = ({ clientX, clientY }: MouseEvent) => tell({ x: clientX, y: clientY });
  const touch = ({ touches }: TouchEvent) => {
    const [finger] = touches;
    if (finger !== undefined) tell({ x: finger.clientX, y: finger.clientY });
  };
  const scroll = () => tell(null);
  const options = { capture: true, passive: true };
  document.addEventListener("mousemove", mouse, options);
  document.addEventListener("touchmove", touch, options);
  document.addEventListener("scroll", scroll, options);
  return () => {
    document.removeEventListener("mousemove", mouse, options);
    document.removeEventListener("touchmove", touch, options);
    document.removeEventListener("scroll", scroll, options);
  };
}
