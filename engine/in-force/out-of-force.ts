import type { Span } from '../base/source.ts'
import { dockerfileOutOfForce } from './dockerfile.ts'
import { type Language, languageOf } from './language.ts'
import { lexicalComments } from './lexical.ts'
import { shellOutOfForce } from './shell.ts'
import type { OutOfForce } from './span.ts'
import { yamlOutOfForce } from './yaml.ts'

/** A file, its language, and the spans that have no effect. */
export type ReadFile = { text: string; readAs: Language; outOfForce: OutOfForce[] }

/** The lines (1-based) in which a text appears without being in force, by reason. */
export type Elsewhere = { why: OutOfForce['why']; lines: number[] }

/** Reads a file in the language of its name, or as plain text with its comments removed if it is invalid. Never throws. */
export async function readFile(file: string, content: string): Promise<ReadFile> {
  const text = content.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
  try {
    return await readIn(languageOf(file, text), file, text)
  } catch {
    // A parser can fail on deep nesting.
    return { text, readAs: 'plain', outOfForce: [] }
  }
}

async function readIn(language: Language, file: string, text: string): Promise<ReadFile> {
  if (language === 'markdown') {
    // Few runs read Markdown, and its parser is slow to load.
    const { markdownOutOfForce } = await import('./markdown.ts')
    return { text, readAs: language, outOfForce: markdownOutOfForce(text) }
  }
  if (language !== 'yaml') return { text, readAs: language, outOfForce: outOfForceIn(language, text) }
  const { outOfForce, isValid } = yamlOutOfForce(text, file, outOfForceIn)
  return { text, readAs: isValid ? 'yaml' : 'plain', outOfForce }
}

function outOfForceIn(language: Language, text: string): OutOfForce[] {
  switch (language) {
    case 'shell':
      return shellOutOfForce(text)
    case 'dockerfile':
      return dockerfileOutOfForce(text)
    case 'yaml':
      return yamlOutOfForce(text, '', () => []).outOfForce
    case 'powershell':
    case 'json':
    case 'hcl':
    case 'dotenv':
    case 'python':
    case 'javascript':
    case 'go':
    case 'toml':
    case 'xml':
      return lexicalComments(text, language).map((span) => ({ ...span, why: 'comment' }))
    case 'markdown':
    case 'plain':
      return []
  }
}

/** Returns whether a text is in force in a file; if not, where else it appears. */
export function findText({ text, outOfForce }: ReadFile, wanted: string): { inForce: boolean; elsewhere: Elsewhere[] } {
  if (withoutSpans(text, outOfForce).includes(wanted)) return { inForce: true, elsewhere: [] }
  const places: { why: OutOfForce['why']; line: number }[] = []
  let [line, counted] = [1, 0]
  for (let at = text.indexOf(wanted); at >= 0 && places.length < MOST_PLACES; at = text.indexOf(wanted, at + 1)) {
    for (; counted < at; counted++) if (text[counted] === '\n') line++
    const over = outOfForce.find(({ start, end }) => start < at + wanted.length && at < end)
    if (over !== undefined) places.push({ why: over.why, line })
  }
  const elsewhere = [...Map.groupBy(places, ({ why }) => why)].map(([why, same]) => ({
    why,
    lines: [...new Set(same.map((place) => place.line))],
  }))
  return { inForce: false, elsewhere }
}

const MOST_PLACES = 100

/** Replaces spans with NULs, so that no text is found in or across them. */
function withoutSpans(text: string, spans: Span[]): string {
  let [kept, at] = ['', 0]
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= at) continue
    kept += `${text.slice(at, Math.max(at, start))}${'\0'.repeat(end - Math.max(at, start))}`
    at = end
  }
  return kept + text.slice(at)
}
