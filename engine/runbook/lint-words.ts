import type { Finding, Path } from './findings.ts'
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

/** The last command words that only read; everything else counts as a change. */
const READING_VERBS = new Set([
  'describe',
  'list',
  'get-iam-policy',
  'get-ancestors-iam-policy',
  'get-value',
  'read',
  'search',
  'test-iam-permissions',
  'lookup',
])

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
    if (/[\n\r\0]/.test(text.replaceAll(/\$\{\{[\s\S]*?\}\}/g, '')))
      findings.push({ path: [...path, index], message: 'a word of a command is one line' })
  })
  return findings
}

/** Words that change something, so that no later word (a resource called `list`, say) can make the command a reading one. */
const CHANGING =
  /^(un)?(create|delete|update|add|remove|set|deploy|enable|disable|destroy|replace|import|export|execute|start|stop|patch|move|restore|reset|rollback|failover|promote|cancel|call|submit|link|attach|detach|clone|copy|cp|rm|mv|ssh|scp|sign|approve|activate|revoke|grant|apply|upload|publish|rotate|resize|suspend|resume|abandon|recreate|invoke|login|init|install)(-|$)/

/** The same for a reading command, which must also be one that can't change anything. */
export function lintRead(path: Path, words: Word[]): Finding[] {
  const findings = lintWords(path, words)
  const command = commandWords(words)
  if (command.includes('access'))
    findings.push({
      path,
      message: 'this command prints a secret',
      hint: 'use a `secret` step; it compares without showing',
    })
  else if (!isReading(command))
    findings.push({
      path,
      message: `\`gcloud ${command.join(' ')}\` is not known to only read`,
      hint: `observing commands are: ${[...READING_VERBS].join(', ')}`,
    })
  return findings
}

function isReading(command: string[]): boolean {
  const verb = command.findIndex((word) => READING_VERBS.has(word))
  return verb > 0 && !command.slice(0, verb).some((word) => CHANGING.test(word))
}

/** The literal words before the first flag or expression: groups, verb, and perhaps a literal name. */
export function commandWords(words: Word[]): string[] {
  const literal: string[] = []
  for (const word of words) {
    if (typeof word !== 'string' || word.startsWith('-') || word.includes('${{')) break
    literal.push(word)
  }
  return literal
}
