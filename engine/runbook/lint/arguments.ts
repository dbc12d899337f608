import type { Argument } from '../../gcloud-grammar/argument.ts'
import { commandOf, tellsSecret } from '../../gcloud-grammar/command.ts'
import { faultInPlace } from '../../gcloud-grammar/place-names.ts'
import { refusalOfRead } from '../../gcloud-grammar/reads.ts'
import { withoutExpressions } from '../expressions/template.ts'
import type { Finding, Path } from './findings.ts'
import { lintResourceNames } from './resource-names.ts'

/** Flags that the engine sets itself, or that would send a command elsewhere or make it tell secrets. */
const ENGINE_FLAGS = [
  '--project',
  '--format',
  '--quiet',
  '-q',
  '--account',
  '--configuration',
  '--impersonate-service-account',
  '--access-token-file',
  '--billing-project',
  '--log-http',
  '--verbosity',
  '--user-output-enabled',
  '--flags-file',
  '--flatten',
  '--trace-token',
  '--http-timeout',
  '--async',
  '--no-async',
]

const LINE_END = /[\n\r\0]/

/** The mistakes in a command's words that need no gcloud to see. */
export function lintWords(path: Path, words: Argument[]): Finding[] {
  const findings: Finding[] = []
  words.forEach((word, index) => {
    const text = typeof word === 'string' ? word : word.flag
    const flag = text.split('=', 1)[0] ?? ''
    if (index === 0 && text === 'gcloud')
      findings.push({
        path: [...path, index],
        message: 'the command starts after `gcloud`',
        hint: 'leave the word `gcloud` out',
      })
    else if (index === 0 && (text.startsWith('-') || text.includes('${{')))
      findings.push({ path: [...path, index], message: 'a command starts with its group, such as `run`' })
    if (ENGINE_FLAGS.includes(flag))
      findings.push({
        path: [...path, index],
        message: `\`${flag}\` is the engine's own flag`,
        hint: flag === '--project' ? 'leave it out; `observe.project` reads another project' : 'leave it out',
      })
    if (text.startsWith('-') && flag.includes('${{'))
      findings.push({
        path: [...path, index],
        message: "a flag's name is written out",
        hint: 'choose between two flags with `when`, or with { flag: …, on: … }',
      })
    const place = faultInWrittenPlace(text, words[index - 1])
    if (place !== undefined)
      findings.push({ path: [...path, index], message: place, hint: 'write it such as us-central1' })
    if (LINE_END.test(text) && LINE_END.test(withoutExpressions(text)))
      findings.push({ path: [...path, index], message: 'a word of a command is one line' })
  })
  if (tellsSecret(words))
    findings.push({
      path,
      message: 'this command prints a secret, or takes or puts one where others can read it',
      hint: 'use a `secret` step; it compares and copies without showing',
    })
  findings.push(...lintResourceNames(path, words))
  const { groups, verb, at } = commandOf(words)
  if (groups.length > 0 && verb === undefined)
    findings.push({
      path: at < words.length ? [...path, at] : path,
      message: `after \`${groups.join(' ')}\` comes the word of a command, written out`,
      hint: 'only what comes after it can be an expression or a flag',
    })
  return findings
}

/** A place that is written out, behind a `=` or as the next argument; one that is filled in is checked when it is. */
function faultInWrittenPlace(text: string, before: Argument | undefined): string | undefined {
  if (text.includes('${{')) return undefined
  const [, flag, value = ''] = /^(--[^=]*)=([\s\S]*)$/.exec(text) ?? []
  if (flag !== undefined) return faultInPlace(flag, value)
  return typeof before === 'string' && !text.startsWith('-') ? faultInPlace(before, text) : undefined
}

/** The same for a reading command, which must also be one that can't change anything. */
export function lintRead(path: Path, words: Argument[]): Finding[] {
  const findings = lintWords(path, words)
  const refusal = refusalOfRead(words)
  if (refusal === undefined || tellsSecret(words)) return findings
  const { index, ...said } = refusal
  const place = index === undefined ? path : [...path, index, ...(typeof words[index] === 'string' ? [] : ['flag'])]
  // An argument that is wrong in every command is reported once.
  const isReported = findings.some((finding) => finding.path.join() === place.join())
  return isReported ? findings : [...findings, { path: place, ...said }]
}
