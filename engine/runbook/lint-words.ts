import type { Finding, Path } from './findings.ts'
import { commandOf, onlyReads, READING_VERBS, tellsSecret } from './gcloud-command.ts'
import { lintResourceNames } from './lint-resource-names.ts'
import type { Word } from './types.ts'

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
export function lintWords(path: Path, words: Word[]): Finding[] {
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
    if (LINE_END.test(text) && LINE_END.test(text.replaceAll(/\$\{\{[\s\S]*?\}\}/g, '')))
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

/** The same for a reading command, which must also be one that can't change anything. */
export function lintRead(path: Path, words: Word[]): Finding[] {
  const findings = lintWords(path, words)
  const command = commandOf(words)
  if (onlyReads(command) || tellsSecret(words)) return findings
  const name = ['gcloud', ...words.slice(0, command.at + (command.verb === undefined ? 0 : 1))].join(' ')
  return [
    ...findings,
    {
      path,
      message: `\`${name}\` is not known to only read`,
      hint: `observing commands are: ${[...READING_VERBS].join(', ')}`,
    },
  ]
}
