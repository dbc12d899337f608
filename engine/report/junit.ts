import { printableLines, withoutCommandsInXml } from '../base/printable.ts'

/** A test case: it passed, failed, or could not be determined. */
export type Case = {
  name: string
  group: string
  outcome: 'passed' | 'failed' | 'error'
  says: string
  seconds?: number
}

/** Test cases that belong together. */
export type Suite = { name: string; cases: Case[] }

/** Formats suites as JUnit XML, as Jenkins and GitLab read it. */
export function toJunit(suites: Suite[]): string {
  const all = suites.flatMap(({ cases }) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="breakglass" ${counts(all)}>`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escaped(name)}" ${counts(cases)}>`,
      ...cases.flatMap(caseLines),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ].join('\n')
}

const counts = (cases: Case[]): string => {
  const of = (outcome: Case['outcome']) => cases.filter((each) => each.outcome === outcome).length
  return `tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}"`
}

function caseLines({ name, group, outcome, says, seconds }: Case): string[] {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`
  const open = `    <testcase name="${escaped(name)}" classname="${escaped(group)}"${time}`
  if (outcome === 'passed')
    return says === ''
      ? [`${open}/>`]
      : [`${open}>`, `      <system-out>${escaped(says)}</system-out>`, '    </testcase>']
  const tag = outcome === 'failed' ? 'failure' : 'error'
  const [first = ''] = says.split('\n', 1)
  return [`${open}>`, `      <${tag} message="${escaped(first)}">${escaped(says)}</${tag}>`, '    </testcase>']
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** Escapes text for XML 1.0, which allows neither control characters nor lone surrogates; terminal control sequences are removed too. */
const escaped = (text: string): string =>
  withoutCommandsInXml(
    printableLines(text.toWellFormed())
      .replaceAll(/[\u{FFFE}\u{FFFF}]/gu, '\u{FFFD}')
      .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? ''),
  )
