import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { lookAlikesIn } from '../../engine/author/look-alikes-in.ts'
import { lookAlikes } from '../../engine/base/look-alikes.ts'
import { finish, main } from '../incident/cli.ts'

vi.setConfig({ testTimeout: 900_000 })

const namesOf = (argument: string) => lookAlikes(argument).map(({ start, name, write }) => [start, name, write])

test.each<[string, [number, string, string][]]>([
  ['\u2014region', [[0, 'EM DASH (U+2014)', '--']]],
  [
    '\u2013region=us\u2011central1',
    [
      [0, 'EN DASH (U+2013)', '--'],
      [10, 'NON-BREAKING HYPHEN (U+2011)', '-'],
    ],
  ],
  ['\u2013q', [[0, 'EN DASH (U+2013)', '-']]],
  [
    '\u2212\u2212ingress',
    [
      [0, 'MINUS SIGN (U+2212)', '-'],
      [1, 'MINUS SIGN (U+2212)', '-'],
    ],
  ],
  [
    '--ingress=\u201call\u201d',
    [
      [10, 'LEFT DOUBLE QUOTATION MARK (U+201C)', '"'],
      [14, 'RIGHT DOUBLE QUOTATION MARK (U+201D)', '"'],
    ],
  ],
  [
    '\u2018web\u2019',
    [
      [0, 'LEFT SINGLE QUOTATION MARK (U+2018)', "'"],
      [4, 'RIGHT SINGLE QUOTATION MARK (U+2019)', "'"],
    ],
  ],
  ['--region\u00a0us-central1', [[8, 'NO-BREAK SPACE (U+00A0)', ' ']]],
  ['web\u200b', [[3, 'ZERO WIDTH SPACE (U+200B)', '']]],
  [
    '\uff0d\uff0dingress\uff1dall',
    [
      [0, 'FULLWIDTH HYPHEN-MINUS (U+FF0D)', '-'],
      [1, 'FULLWIDTH HYPHEN-MINUS (U+FF0D)', '-'],
      [9, 'FULLWIDTH EQUALS SIGN (U+FF1D)', '='],
    ],
  ],
  ['web\uff11', [[3, 'FULLWIDTH DIGIT ONE (U+FF11)', '1']]],
  ['--r\u0435gion', [[3, 'CYRILLIC SMALL LETTER IE (U+0435)', 'e']]],
  ['pr\u043ed', [[2, 'CYRILLIC SMALL LETTER O (U+043E)', 'o']]],
  ['\u0391PI', [[0, 'GREEK CAPITAL LETTER ALPHA (U+0391)', 'A']]],
  ['--description=\u041f\u0440\u0438\u0432\u0435\u0442', []],
  ['--descripti\u043en=\u041f\u0440\u0438\u0432\u0435\u0442', [[11, 'CYRILLIC SMALL LETTER O (U+043E)', 'o']]],
  ['the web \u2014 closed', []],
  ['Bob\u2019s', []],
  ['\u30b5\u30fc\u30d3\u30b9\uff08\u672c\u756a\uff09', []],
  ['caf\u00e9', []],
  ['--ingress=all', []],
])('look-alikes in %j are found', (argument, found) => {
  expect(namesOf(argument)).toEqual(found)
})

const placesIn = (text: string) => lookAlikesIn({ name: 'a.sh', text }).map(({ line, column }) => `${line}:${column}`)

test.each<[string, string, string[]]>([
  ['a flag', 'gcloud run services update web \\\n  \u2014region us-central1\n', ['2:3']],
  ['a flag of a script with CR LF', 'gcloud run services update web \\\r\n  \u2014region us-central1\r\n', ['2:3']],
  ['gcloud itself', 'g\u0441loud run services update web\n', ['1:2']],
  ['what stands before gcloud', '\u200bgcloud run services list\n', ['1:1']],
  ['a space', 'gcloud\u00a0run services list\n', ['1:7']],
  ['a command in a substitution', 'x=$(gcloud run services list \u2013q)\n', ['1:30']],
  ['a variable', 'REGION=us\u2013central1\n', ['1:10']],
  ['a loop', 'for s in web\u2011a; do gcloud run services describe "$s"; done\n', ['1:13']],
  ['a quoted flag', 'gcloud run services list "\u2014region"\n', ['1:27']],
  ['quotes that no shell knows', 'gcloud run services update web --labels=\u201ca=b\u201d\n', ['1:41', '1:45']],
  ['a comment', '# gcloud \u2014region\ngcloud run services list # \u2014 all\n', []],
  ['a quoted text', 'gcloud run services update web --description "a \u2014 b"\n', []],
  ['another command', 'echo \u2014 done\n', []],
])('%s in a script has the right position', (_, script, places) => {
  expect(placesIn(script)).toEqual(places)
})

const folder = mkdtempSync(join(tmpdir(), 'breakglass-look-alikes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('new rejects look-alikes, validate warns about them, and a run reports them in inputs', async () => {
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
  const environment = { PATH: join(folder, 'bin'), HOME: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }
  const breakglass = (at: string, ...argv: string[]) =>
    finish([process.execPath, main, ...argv], join(folder, at), environment)
  await breakglass('.', 'init', 'ws')
  writeFileSync(join(folder, 'ws/f.sh'), 'gcloud run services update web \u2014region us-central1 --ingress=all\n')
  const before = readdirSync(join(folder, 'ws/runbooks'))
  const refused = await breakglass('ws', 'new', 'by-hand', '--from-shell', 'f.sh')
  expect(refused.exit).toBe(2)
  expect(refused.stderr).toContain(':1:32: this looks like `--` but is EM DASH (U+2014)')
  expect(refused.stderr).toContain('hint: replace it with `--`')
  expect(readdirSync(join(folder, 'ws/runbooks'))).toEqual(before)

  const file = join(folder, 'ws/runbooks/public-service.yaml')
  const text = readFileSync(file, 'utf8')
  const input = 'inputs:\n  note: { type: string, default: none }\n'
  writeFileSync(file, text.replace('--ingress=all', '--ingress=\uff41ll').replace('inputs:\n', input))
  const validated = await breakglass('ws', 'validate', 'runbooks/public-service.yaml')
  expect(validated.stdout + validated.stderr).toMatch(
    /public-service\.yaml:\d+:\d+: warning: this looks like `a` but is FULLWIDTH LATIN SMALL LETTER A \(U\+FF41\)/,
  )
  const where = ['public-service', '--env', 'prod', '--sandbox', 'first-rehearsal', '--input', 'note=us\u2013central1']
  const planned = await breakglass('ws', 'plan', ...where)
  const shown = (planned.stdout + planned.stderr).replaceAll(/\s+/g, ' ')
  expect(shown).toContain('input note, character 3: this looks like `-` but is EN DASH (U+2013); replace it with `-`')
})
