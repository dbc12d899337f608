import { printableLines, withoutCommands } from '../base/printable.ts'
import { type Checked, notConformant } from './checked.ts'

/** Formats what isn't conformant as GitHub workflow commands: one line each, shown at the runbook's step. */
export const toGithub = (checked: Checked[]): string[] =>
  notConformant(checked).map(({ status, environment, key, title, says, file, line }) => {
    const about = { file, line: String(line), title: `${environment} ${status}: ${title}` }
    const properties = Object.entries(about).map(([name, value]) => `${name}=${inProperty(value)}`)
    return `::${LEVELS[status]} ${properties.join(',')}::${inMessage(`${key}: ${says}`)}`
  })

const LEVELS = { conformant: 'debug', drift: 'error', unknown: 'error', known: 'notice' } as const

const inMessage = (text: string): string =>
  withoutCommands(printableLines(text)).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const inProperty = (text: string): string => inMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
