import { type Check, type Repository, testFiles } from "./repository.ts";

const SPEC = "docs/SPEC.md";

interface Rule {
  readonly id: string;
  /** Prefix of the section the rule stands in. */
  readonly section: string;
  readonly text: string;
}

/**
 * Reads the rules of the specification.
 *
 * A section is `## WA · Watches`; a rule is `- **WA3** text`, up to the next item, blank line or
 * heading.
 */
export function parseRules(markdown: string): Rule[] {
  const rules: { id: string; section: string; text: string }[] = [];
  let section = "";
  let isInRule = false;
  for (const line of markdown.split("\n")) {
    section = /^## ([A-Z]{2}) · /.exec(line)?.[1] ?? section;
    const [, id, text] = /^- \*\*([A-Z]{2}\d+)\*\* (.*)$/.exec(line) ?? [];
    if (id !== undefined && text !== undefined) rules.push({ id, section, text });
    const last = rules.at(-1);
    if (isInRule && id === undefined && /^ +\S/.test(line) && last !== undefined) {
      last.text += ` ${line.trim()}`;
    }
    isInRule = id !== undefined || (isInRule && /^ +\S/.test(line));
  }
  return rules;
}

/** Rule IDs at the start of a string of a test: `"[WA3][WA4] a watch fires once"`. */
function testedIds(repository: Repository): Set<string> {
  const titles = testFiles(repository).flatMap(({ text }) => [
    ...text.matchAll(/["'`]((?:\[[A-Z]{2}\d+\])+) /g),
  ]);
  return new Set(titles.flatMap((title) => title[1]?.match(/[A-Z]{2}\d+/g) ?? []));
}

function ruleProblems(rules: readonly Rule[], tested: ReadonlySet<string>): string[] {
  const seen = new Set<string>();
  return rules.flatMap(({ id, section, text }) => {
    const marks = text.match(/`= ZooKeeper[ `]|`≠ ZooKeeper: \S/g) ?? [];
    const problems = [
      seen.has(id) ? `${id} stands twice` : "",
      id.startsWith(section) && section !== "" ? "" : `${id} stands in the section ${section}`,
      marks.length === 1 ? "" : `${id} needs one mark: \`= ZooKeeper …\` or \`≠ ZooKeeper: why\``,
      tested.has(id) ? "" : `${id} has no test whose title starts with [${id}]`,
    ];
    seen.add(id);
    return problems.filter((problem) => problem !== "").map((problem) => `${SPEC}: ${problem}`);
  });
}

/** Lines that look like a rule but are not read as one would be promises without a test. */
function malformedRules(markdown: string): string[] {
  return markdown
    .split("\n")
    .filter((line) => /^\s*[-*] .*\*\*[A-Z]{2}\d+/.test(line))
    .filter((line) => !/^- \*\*[A-Z]{2}\d+\*\* \S/.test(line))
    .map((line) => `${SPEC}: not a rule line: ${line.trim()}`);
}

function unknownIds(repository: Repository, known: ReadonlySet<string>): string[] {
  const citing = [
    ...testFiles(repository),
    ...repository.filter(({ path }) => /^(src|docs)\/.*\.(ts|md)$/.test(path)),
  ];
  return citing.flatMap(({ path, text }) =>
    [...text.matchAll(/(?<!\w)\[([A-Z]{2}\d+)\](?!\()/g)]
      .map((match) => match[1] ?? "")
      .filter((id) => !known.has(id))
      .map((id) => `${path}: cites [${id}], which is no rule of ${SPEC}`),
  );
}

/** Each rule has a test, each cited rule exists, each rule says how it stands to ZooKeeper. */
export const checkSpec: Check = (repository) => {
  const spec = repository.find(({ path }) => path === SPEC);
  if (spec === undefined) return [`${SPEC}: is missing`];
  const rules = parseRules(spec.text);
  return [
    ...malformedRules(spec.text),
    ...ruleProblems(rules, testedIds(repository)),
    ...unknownIds(repository, new Set(rules.map(({ id }) => id))),
  ];
};
