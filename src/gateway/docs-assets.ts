/** Style of the documentation page: one column of text, one of links, light and dark. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2024, #e6e8eb);
  --muted: light-dark(#5f6770, #9aa3ad);
  --page: light-dark(#ffffff, #121417);
  --panel: light-dark(#f5f6f8, #1a1d21);
  --line: light-dark(#e1e4e8, #2b3036);
  --link: light-dark(#b4470b, #ff9b5e);
  --get: light-dark(#1f6feb, #6cb0ff);
  --put: light-dark(#9a5b00, #f0b44c);
  --post: light-dark(#18794e, #5ed29a);
  --delete: light-dark(#c62a2f, #ff8589);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr);
  font: 16px/1.6 system-ui, sans-serif; color: var(--text); background: var(--page);
}
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem;
  background: var(--panel); border-right: 1px solid var(--line); font-size: .875rem;
}
nav .brand { display: block; padding: 0 .5rem 1rem; font-size: 1.125rem; font-weight: 650;
  color: inherit; text-decoration: none; }
nav input { width: 100%; padding: .4rem .6rem; font: inherit; color: inherit;
  background: var(--page); border: 1px solid var(--line); border-radius: .4rem; }
nav h2 { margin: 1.25rem .5rem .25rem; font-size: .75rem; letter-spacing: .06em;
  text-transform: uppercase; color: var(--muted); border: 0; padding: 0; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav li a { display: flex; gap: .6rem; align-items: baseline; padding: .25rem .5rem;
  border-radius: .4rem; color: inherit; text-decoration: none; }
nav li a:hover { background: var(--line); }
nav li span { font-family: var(--mono); font-size: .8125rem; overflow-wrap: anywhere; }
main { max-width: 54rem; padding: 3rem clamp(1.25rem, 5vw, 4rem) 6rem; }
h1 { margin: 0; font-size: 2.25rem; line-height: 1.2; letter-spacing: -.02em; }
h1 small { font-size: 1rem; font-weight: 400; color: var(--muted); letter-spacing: 0; }
h2 { margin: 3.5rem 0 1rem; font-size: 1.375rem; padding-bottom: .4rem;
  border-bottom: 1px solid var(--line); }
h3 { display: flex; flex-wrap: wrap; gap: .75rem; align-items: baseline; margin: 0; font-size: 1.05rem; }
h3 em { margin-left: auto; font-size: .8125rem; font-weight: 400; color: var(--muted); }
h4 { margin: 1.25rem 0 .25rem; font-size: .8125rem; color: var(--muted); }
article { margin: 1.25rem 0; padding: 1.25rem 1.5rem; border: 1px solid var(--line);
  border-radius: .75rem; }
article:target, tr:target { border-color: var(--link); background: var(--panel); }
article p { margin: .5rem 0 0; }
.summary { font-weight: 600; }
code, pre { font-family: var(--mono); font-size: .875em; }
p code, td code, dd code { padding: .1em .3em; border-radius: .3em; background: var(--panel); }
pre { margin: 0; padding: .6rem .9rem; overflow-x: auto; border-radius: .5rem;
  background: var(--panel); border: 1px solid var(--line); }
.examples dt { margin-top: .9rem; font-size: .875rem; color: var(--muted); }
.examples dd { margin: .2rem 0 0; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
th { text-align: left; font-weight: 600; color: var(--muted); }
td, th { padding: .4rem .75rem .4rem 0; vertical-align: top; border-top: 1px solid var(--line); }
td:first-child { white-space: nowrap; }
.method { min-width: 3.2rem; font: 700 .6875rem/1.6 var(--mono); letter-spacing: .03em; }
.get { color: var(--get); } .put { color: var(--put); }
.post { color: var(--post); } .delete { color: var(--delete); }
@media (max-width: 56rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
}
`;

/** Script of the documentation page: the filter, and the host in its examples. */
export const DOCS_SCRIPT = `
const filter = document.getElementById("filter");
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const item of document.querySelectorAll("nav li")) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
});
for (const example of document.querySelectorAll(".examples pre")) {
  example.textContent = example.textContent.replaceAll("$HOST", location.origin);
}
`;
