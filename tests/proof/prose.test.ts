import { readFileSync, writeFileSync } from 'node:fs'
import { type Node, Parser, XmlRenderer } from 'commonmark'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawTimeline, STYLE } from '../../engine/record/chart.ts'
import { toHtml } from '../../engine/record/html.ts'
import { keepProse, proseFlaws } from '../../engine/record/keep-prose.ts'
import { recordTree, toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import { safeProse } from '../../engine/record/operator-prose.ts'
import { proseMarkers, proseOf } from '../../engine/record/prose.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { modelCloud, runModel } from '../samples/model-world.ts'
import { makeDesk } from './desk.ts'

const PLACES = ['context', 'actions', 'verification', 'unfinished']
const { entries } = await runModel(['web', 'api'], {
  cloud: modelCloud({ web: {}, api: {} }),
  decide: (name) => (name === 'api' ? { choice: 'skip', reason: 'a reason' } : { choice: 'apply' }),
})
const recordOf = (events: Recorded[]) => toRecord(modelOf(events), { size: 9, hash: 'f'.repeat(64) })
const derived = recordOf(entries)
const written = (words: Record<string, string>) =>
  Object.entries(words).reduce((record, [name, text]) => {
    const [open] = proseMarkers(name)
    return record.replace(open, () => `${open}\n\n${text}`)
  }, derived)

const markers = PLACES.flatMap(proseMarkers)
const pieces = fc.constantFrom(
  ...['word', ' ', '\n', '\n\n', '\t', '  \n', '    ', '> ', '- ', '1. ', '* ', '+ ', '| a | b |\n', '--- | ---\n'],
  ...[
    '# ',
    '## Verification\n',
    '===\n',
    '---\n',
    '***',
    '_',
    '**',
    '~~',
    '`',
    '``',
    '```\n',
    '~~~\n',
    '````',
    '```mermaid\n',
  ],
  ...[
    '<details>\n',
    '<summary>',
    '</details>',
    '<!-- ',
    '-->',
    '<script>',
    '<h2>Timeline</h2>',
    '<div style="display:none">\n',
  ],
  ...[
    '<!-- log 1 -->',
    '<?x ',
    '<![CDATA[',
    '<a href="x"\n',
    '<textarea>',
    '<pre>\n',
    '[x]: http://a.example\n',
    '[x]',
    '[^1]: note\n',
  ],
  ...[
    '[^1]',
    '![i](http://t.example/i.png)',
    '[PASS](http://e.example "t")',
    '<http://a.example>',
    '<javascript:alert(1)>',
  ],
  ...[
    'http://a.example/b',
    'www.a.example',
    '$$',
    '$\\raise{9em}{x}$',
    '[!CAUTION]\n',
    '&#x202e;',
    '&lt;b&gt;',
    '&#10;',
    '\\',
    '\\\n',
  ],
  ...['\u202e', '\u200b', '\u2028', '\r', '\u0000', '\u001b[2J', '- [ ] ', '9 entries. Head: `sha256:'],
  ...markers.map((marker) => `\n${marker}\n`),
)
const fragments = fc.array(pieces, { minLength: 1, maxLength: 25 }).map((all) => all.join(''))

const tree = (text: string): Node => new Parser().parse(text)
const xml = (node: Node): string => new XmlRenderer().render(node)

function nodesIn(root: Node): Node[] {
  const found: Node[] = []
  const walker = root.walker()
  for (let event = walker.next(); event; event = walker.next()) if (event.entering) found.push(event.node)
  return found
}

/** What a reader of Markdown that is not ours makes of a record, without the quotations of a person's words. */
function withoutWords(record: string): string {
  const root = tree(record)
  for (let node = root.firstChild; node !== null; ) {
    const next: Node | null = node.next
    if (node.type === 'block_quote') node.unlink()
    node = next
  }
  return xml(root)
}

const htmlIn = (record: string) =>
  nodesIn(tree(record)).flatMap(({ type, literal }) => (type.startsWith('html_') ? [literal] : []))

test('whatever a person writes, what is derived is read as without it, and nothing of theirs is HTML, image or disguise', {
  timeout: 240_000,
}, () => {
  const [plain, html] = [withoutWords(derived), htmlIn(derived)]
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...PLACES), fragments, { minKeys: 1 }), (words) => {
      const record = keepProse(derived, written(words))
      expect(withoutWords(record)).toBe(plain)
      expect(htmlIn(record)).toEqual(html)
      expect(record).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/u)
      for (const { type, destination, firstChild } of nodesIn(tree(record))) {
        expect(type).not.toBe('image')
        expect(type === 'heading' && !derived.includes(`# ${firstChild?.literal}`)).toBe(false)
        if (type === 'link') expect(destination).toMatch(/^https?:/)
        if (type === 'link') expect(firstChild?.literal).toBe(destination)
      }
      expect(keepProse(derived, record)).toBe(record)
      expect(proseFlaws(record)).toEqual([])
    }),
    { numRuns: Number(process.env.FRAGMENTS ?? 400) },
  )
})

test.each(['\x1b[2J\x1b]8;;http://x\x07', '\u202e\u2066\u200b\ufeff\u{e0041}', '\r\u0085\u2028\u2029\x9b2J'])(
  'a record and its page hold no control or hidden character of what they are about: %j',
  (text) => {
    const model = modelOf(poisoned(`a${text}b`))
    const page = toHtml(
      recordTree(model, { size: 9, hash: 'f'.repeat(64) }),
      drawTimeline(model.runs),
      { actions: text },
      STYLE,
    )
    for (const each of [recordOf(poisoned(`a${text}b`)), page])
      expect(each).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/u)
  },
)

/** What a record is made of, whatever its texts say. */
const skeleton = (record: string) =>
  nodesIn(tree(record)).flatMap(({ type, level, literal }) =>
    type === 'text' || type === 'code' ? [] : type.startsWith('html_') ? [literal] : [`${type} ${level ?? ''}`],
  )

function poisoned(poison: string): Recorded[] {
  const free = new Set(['title', 'reason', 'operator', 'subject', 'value', 'message', 'by', 'record', 'name', 'words'])
  return JSON.parse(JSON.stringify(entries), (key, value) =>
    typeof value === 'string' && free.has(key) ? poison : value,
  ) as Recorded[]
}

test('whatever reasons, titles and answers of the cloud say, the record is built as with plain ones', {
  timeout: 240_000,
}, () => {
  const plain = skeleton(recordOf(poisoned('plain')))
  fc.assert(
    fc.property(fragments, (text) => {
      const record = recordOf(poisoned(`a${text}b`))
      expect(skeleton(record)).toEqual(plain)
      // What only GitHub reads: strikethrough, formulas, footnotes, addresses.
      const texts = nodesIn(tree(record)).flatMap(({ type, literal }) => (type === 'code' ? [literal ?? ''] : []))
      const runtime = texts.reduce((rest, one) => (one === '' ? rest : rest.replaceAll(`\`${one}\``, '')), record)
      if (!runtime.includes('`')) expect(runtime).not.toMatch(/(?<!\\)(~|\$|\[\^)|(http:|www\.)\S/)
    }),
    { numRuns: Number(process.env.FRAGMENTS ?? 400), examples: [['a@b.c``<!--`d']] },
  )
})

test.each<[string, string]>([
  ['two paragraphs', 'One.\n\nTwo, *and* **more**.'],
  ['a list with tasks', '- [x] told the team\n- [ ] write up\n  1. who\n  2. when'],
  ['closed code', 'Ran:\n\n```sh\n# not a heading\nls <dir>\n```'],
  ['an address', 'See <https://a.example/x> and https://b.example.'],
  ['a hard break and money', 'a  \nb\\\nc, for $5 and $6'],
])('what can do no harm stays byte for byte: %s', (_, words) => {
  expect(safeProse(words)).toEqual({ text: words.replaceAll(/^/gm, '> ').replaceAll(/^> $/gm, '>'), flaws: [] })
  const record = keepProse(derived, written({ context: words }))
  expect(proseOf(record).context).toBe(words)
})

const HARMFUL: [string, string, number, RegExp][] = [
  ['a comment that nothing ends', 'Fine.\n\n<!-- hidden', 3, /raw HTML/],
  ['a trace', 'All is well. <!-- log 3 -->', 1, /raw HTML/],
  ['a fold', '<details><summary>x</summary>\n\ny', 1, /raw HTML/],
  ['HTML behind a tab', '\t<script>x</script>', 1, /raw HTML/],
  ['a fence that nothing ends', 'Fine.\n\n~~~\nx', 3, /an unclosed code fence/],
  ['a drawing', '```mermaid\ngraph TD\n```', 1, /code that some renderers draw as a figure \(mermaid\)/],
  ['a heading', '## Verification', 1, /a heading/],
  ['an underlined heading', 'a\n\nVerification\n====', 3, /a heading/],
  ['a definition', 'x\n\n[web]: https://evil.example', 3, /a link definition/],
  ['a footnote', 'x\n\n[^1]: it was done', 3, /a footnote/],
  ['a disguised link', '[the log](https://evil.example)', 1, /hides its address/],
  ['an image', '![](https://tracker.example/1.png)', 1, /an image/],
  ['a script address', '<javascript:alert(1)>', 1, /something other than a web page/],
  ['a cell that hides', 'a | b\n--- | ---\n`x | <i> | y`', 1, /a table/],
  ['a formula', '$\\raise{9em}{\\text{PASS}}$', 1, /a formula/],
  ['an alert', '[!NOTE]\nDone.', 1, /the start of an alert/],
  ['an entity that turns the text', 'x\n&#x202e;dlo', 1, /hidden characters/],
  ['a carriage return', 'x\n\ny\rz', 3, /hidden characters/],
  ['nothing but depth', '>'.repeat(5000), 1, /nested too deep/],
]

test.each(HARMFUL)('is quoted, and named by its line: %s', (_, words, line, what) => {
  expect(safeProse(words).flaws[0]).toEqual({ line, what: expect.stringMatching(what) })
  const quoted = keepProse(derived, written({ actions: words }))
  expect(withoutWords(quoted)).toBe(withoutWords(derived))
  expect(proseFlaws(quoted)).toEqual([])
})

test('words that name another place stay in their own', () => {
  const [open, close] = proseMarkers('actions')
  const record = keepProse(
    derived,
    written({ actions: 'Mine.', context: `\`\`\`\n${open}\nForged.\n${close}\n\`\`\`` }),
  )
  expect(proseOf(record)).toMatchObject({ actions: 'Mine.', context: expect.stringContaining('Forged.') })
})

test('record --verify names the line of words that could hide or fake something, and record quotes them', {
  timeout: 240_000,
}, async () => {
  const desk = makeDesk()
  await desk.rehearse('INC-1')
  const file = desk.at('logs', 'INC-1', 'record.md')
  const record = readFileSync(file, 'utf8')
  const [open] = proseMarkers('verification')
  const at = record.split('\n').indexOf(open) + 3
  writeFileSync(file, record.replace(open, `${open}\n\n<details>\n\n## Forged`))
  const argv = ['record', 'INC-1', '--logs', desk.logs]
  const found = await desk.breakglass([...argv, '--verify', file])
  expect(found.exit).toBe(1)
  expect(found.stdout).toContain(`line ${at}: the prose contains raw HTML`)
  expect(found.stdout).toContain(`line ${at + 2}: the prose contains a heading`)
  expect((await desk.breakglass(argv)).exit).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain('> <details>\n> ```')
  expect(await desk.breakglass([...argv, '--verify', file])).toMatchObject({ exit: 0 })
})
