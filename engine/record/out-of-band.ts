import type { List, RootContent } from 'mdast'
import { item, list, paragraph, plain, section, sentence, traced } from './mdast.ts'
import type { Finding, LastReconciled } from './reconciled.ts'

/** Returns the section about changes that Cloud Audit Logs show and this log doesn't; nothing where they were never compared. */
export function outOfBand(last: LastReconciled | undefined): RootContent[] {
  if (last === undefined) return []
  const { summary, others, notShown, contradicted, entry, isPast } = last
  const group = (intro: string, findings: Finding[]): RootContent[] =>
    findings.length === 0 ? [] : [paragraph(plain(intro)), listOf(findings)]
  return section('Out-of-Band Changes', [
    traced([entry], paragraph(...sentence(summary, []))),
    ...group('Made by others:', others),
    ...group('Cloud Audit Logs contradict this log:', contradicted),
    ...group(
      'Not in Cloud Audit Logs. This proves nothing: an entry may arrive later, and the read-back decides.',
      notShown,
    ),
    ...(isPast ? [traced([entry], paragraph(plain('Later changes were not compared.')))] : []),
  ])
}

const listOf = (findings: Finding[]): List =>
  list(
    true,
    findings.map(({ text, entries }) => traced(entries, item(sentence(text, [])))),
  )
