/** The mark of our pages: a letter under a seal. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M2 7h28v18H2z" fill="#1f5f8b"/><path d="M2 7l14 11L30 7" fill="none" stroke="#fff" stroke-width="2"/><circle cx="16" cy="19" r="5" fill="#b3261e"/></svg>
`;

/** The one style sheet of our pages: readable in light and dark, large enough to hit, visible focus. */
export const STYLE_SHEET = `:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.6 system-ui, sans-serif; background: Canvas; color: CanvasText; }
header { padding: 0.75rem 1.5rem; border-bottom: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); font-weight: 600; }
header a { color: inherit; text-decoration: none; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; margin-bottom: 0.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid color-mix(in srgb, CanvasText 18%, Canvas); }
td { overflow-wrap: anywhere; }
a:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
label { display: block; font-weight: 600; margin-bottom: 0.25rem; }
input { font: inherit; width: 100%; max-width: 32rem; padding: 0.5rem; border: 1px solid color-mix(in srgb, CanvasText 55%, Canvas); border-radius: 4px; background: Canvas; color: CanvasText; }
button { font: inherit; padding: 0.5rem 1.25rem; margin-top: 1rem; border: 1px solid CanvasText; border-radius: 4px; background: CanvasText; color: Canvas; cursor: pointer; }
code { font-family: ui-monospace, monospace; font-size: 0.95em; }
[role="alert"] { border-left: 4px solid #b3261e; padding: 0.5rem 0.75rem; }
.bad { font-weight: 600; }
@media (max-width: 40rem) { main { padding: 1rem; } th, td { font-size: 0.9rem; padding-right: 0.4rem; } tbody th { overflow-wrap: anywhere; } .wide { display: none; } }
`;
