/** Millionths of a US dollar as people read them: `$5.00`; amounts under a cent with as many digits as they need. */
export function dollars(micros: number): string {
  const whole = micros / 1_000_000;
  return `$${micros > 0 && micros < 10_000 ? whole.toFixed(6).replace(/0+$/, "") : whole.toFixed(2)}`;
}
