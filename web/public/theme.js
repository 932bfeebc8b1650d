// Runs before the first paint, so that a chosen theme doesn't flash in the other one.
try {
  var theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage may be blocked: the system's theme stays.
}
