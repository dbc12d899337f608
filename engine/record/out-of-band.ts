import type { RootContent } from 'mdast'
import { heading, item, list, paragraph, plain, sentence, traced } from './mdast.ts'
import type { LastReconciled, Told } from './reconciled.ts'

/** What Cloud Audit Logs tell beside the log; nothing where nobody has held one against the other. */
export function outOfBand(last: LastReconciled | undefined): RootContent[] {
  if (last === undefined) return []
  const { summary, others, notShown, contradicted, entry, isPast } = last
  return [
    heading(2, 'Out-of-Band Changes'),
    paragraph(...sentence(summary, []), ...traced([entry])),
    ...(others.length > 0 ? [paragraph(plain('Made by somebody else:')), told(others)] : []),
    ...(contradicted.length > 0
      ? [paragraph(plain('The cloud says otherwise than this log of:')), told(contradicted)]
      : []),
    ...(notShown.length > 0
      ? [
          paragraph(
            plain('Not shown there, which proves nothing: an entry may come later, and the read-back is the verdict.'),
          ),
          told(notShown),
        ]
      : []),
    ...(isPast ? [paragraph(plain('What was done after that was not held against them.'), ...traced([entry]))] : []),
  ]
}

const told = (statements: Told[]) =>
  list(
    true,
    statements.map(({ text, entries }) => item([...sentence(text, []), ...traced(entries)])),
  )
