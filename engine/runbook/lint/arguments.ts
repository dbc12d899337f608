import type { Argument } from '../../gcloud-grammar/argument.ts'
import { commandOf, exposesSecret } from '../../gcloud-grammar/command.ts'
import { locationFault } from '../../gcloud-grammar/locations.ts'
import { refusalOfRead } from '../../gcloud-grammar/reads.ts'
import { withoutExpressions } from '../expressions/template.ts'
import type { Finding, Path } from './findings.ts'
import { lintResourceNames } from './full-resource-names.ts'

/** Flags that the engine sets itself, that redirect a command, or that make it print secrets. */
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

/** Returns the mistakes in a command that can be found without gcloud. */
export function lintArguments(path: Path, args: Argument[]): Finding[] {
  const findings: Finding[] = []
  args.forEach((arg, index) => {
    const text = typeof arg === 'string' ? arg : arg.flag
    const flag = text.split('=', 1)[0] ?? ''
    if (index === 0 && text === 'gcloud')
      findings.push({
        path: [...path, index],
        message: 'a command does not include `gcloud` itself',
        hint: 'remove `gcloud`',
      })
    else if (index === 0 && (text.startsWith('-') || text.includes('${{')))
      findings.push({ path: [...path, index], message: 'a command must start with its group, such as `run`' })
    if (ENGINE_FLAGS.includes(flag))
      findings.push({
        path: [...path, index],
        message: `\`${flag}\` is reserved for Breakglass`,
        hint: flag === '--project' ? 'remove it; to read another project, use `observe.project`' : 'remove it',
      })
    if (text.startsWith('-') && flag.includes('${{'))
      findings.push({
        path: [...path, index],
        message: 'a flag name cannot contain an expression',
        hint: 'choose between two flags with `when` or with { flag: …, on: … }',
      })
    const fault = literalLocationFault(text, args[index - 1])
    if (fault !== undefined)
      findings.push({ path: [...path, index], message: fault, hint: 'use a name such as us-central1' })
    if (LINE_END.test(text) && LINE_END.test(withoutExpressions(text)))
      findings.push({ path: [...path, index], message: 'an argument must be a single line' })
  })
  if (exposesSecret(args))
    findings.push({
      path,
      message: 'this command exposes a secret: in its output, its arguments or a file',
      hint: 'use a `secret` step, which compares and copies secrets without showing them',
    })
  findings.push(...lintResourceNames(path, args))
  const { groups, verb, at } = commandOf(args)
  if (groups.length > 0 && verb === undefined)
    findings.push({
      path: at < args.length ? [...path, at] : path,
      message: `\`gcloud ${groups.join(' ')}\` must be followed by a literal command`,
      hint: 'only its arguments can be expressions or flags',
    })
  return findings
}

/** Checks a literal location, after `=` or as the next argument; binding checks those from expressions. */
function literalLocationFault(text: string, before: Argument | undefined): string | undefined {
  if (text.includes('${{')) return undefined
  const [, flag, value = ''] = /^(--[^=]*)=([\s\S]*)$/.exec(text) ?? []
  if (flag !== undefined) return locationFault(flag, value)
  return typeof before === 'string' && !text.startsWith('-') ? locationFault(before, text) : undefined
}

/** Returns the mistakes in a command that must be read-only. */
export function lintRead(path: Path, args: Argument[]): Finding[] {
  const findings = lintArguments(path, args)
  const refusal = refusalOfRead(args)
  if (refusal === undefined || exposesSecret(args)) return findings
  const { index, ...problem } = refusal
  const place = index === undefined ? path : [...path, index, ...(typeof args[index] === 'string' ? [] : ['flag'])]
  // `lintArguments` may have reported the same argument.
  const isReported = findings.some((finding) => finding.path.join() === place.join())
  return isReported ? findings : [...findings, { path: place, ...problem }]
}
