// Runs before the first paint, so that a chosen theme doesn't flash in the other one.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked: the system's theme stays.
}
