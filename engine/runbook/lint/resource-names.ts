import type { Argument } from '../../gcloud-grammar/argument.ts'
import { commandOf } from '../../gcloud-grammar/command.ts'
import { namesOtherResource } from '../../gcloud-grammar/resource-names.ts'
import type { Finding, Path } from './findings.ts'

/** Flags whose value is another thing than the one that the command is about, and may well be another project's. */
const ELSEWHERE = ['--role', '--network', '--subnet', '--vpc-connector', '--image', '--key', '--kms-key']

/** Words that name their resource in full, and so could reach another project whatever `--project` says: a run refuses what is bound to one. */
export function lintResourceNames(path: Path, words: Argument[]): Finding[] {
  const { at } = commandOf(words)
  return words.flatMap((word, index): Finding[] => {
    if (index <= at || typeof word !== 'string') return []
    const before = words[index - 1]
    const [, own, given = word] = /^(--[a-z][a-z0-9-]*)=([\s\S]*)$/.exec(word) ?? []
    const flag = own ?? (typeof before === 'string' && /^--[a-z][a-z0-9-]*$/.test(before) ? before : undefined)
    if (!namesOtherResource(given) || isOthers(flag, given)) return []
    const start = word.length - given.length
    return [
      {
        path: [...path, index],
        start,
        end: word.length,
        message: 'a full resource name could reach another project',
        hint: 'write the id alone; the project is the one of the environment, or of `observe.project`',
      },
    ]
  })
}

/** Written out, a value that is about something else is an address or a name like any other; filled in, only a role is. */
const isOthers = (flag: string | undefined, given: string): boolean =>
  flag !== undefined &&
  (flag === '--role' || (!given.includes('${{') && (ELSEWHERE.includes(flag) || /^https?:/i.test(given))))
