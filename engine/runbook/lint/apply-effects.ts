import { quote } from '../../base/printable.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { type CommandLine, readCommandLine } from '../../gcloud-grammar/command-line.ts'
import { type GcloudKnowledge, isGroup, withoutNo, withoutTrack } from '../../gcloud-grammar/command-tree.ts'
import { fieldsOf, type KnownField } from '../../gcloud-grammar/known-changes.ts'
import type { GcloudStepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Returns the changes of `apply` that the step does not observe, and the expected values that `apply` does not set. */
export function lintEffects(path: Path, step: GcloudStepTemplate, { tree }: GcloudKnowledge): Finding[] {
  if (!step.apply) return []
  const apply = readCommandLine(step.apply.gcloud, tree)
  const reads = readsOf(step).map((args) => readCommandLine(args, tree))
  if ([apply, ...reads].some(({ node }) => isGroup(node) || node.unexplored)) return []
  const seen = reads.filter((read) => related(groupOf(read), groupOf(apply)))
  if (seen.length === 0)
    return [
      {
        path: [...path, 'observe', 'gcloud'],
        severity: 'warning',
        message: `\`observe\` reads \`${groupOf(reads[0]).join(' ')}\`, but \`apply\` changes \`${groupOf(apply).join(' ')}\``,
        hint: 'observe the resource that `apply` changes, or the read-back cannot see the change',
      },
    ]
  return [...lintSubject(path, apply, seen), ...lintFields(path, step, apply)]
}

const readsOf = ({ observe: { gcloud } }: GcloudStepTemplate): Argument[][] =>
  Array.isArray(gcloud) ? [gcloud] : Object.values(gcloud)

/** Returns the group of a command: `run services` for `beta run services update`. */
const groupOf = (line: CommandLine | undefined): string[] => withoutTrack(line?.command ?? []).slice(0, -1)

const related = (one: string[], other: string[]): boolean => {
  const shorter = Math.min(one.length, other.length)
  return shorter > 0 && one.slice(0, shorter).join(' ') === other.slice(0, shorter).join(' ')
}

/** Checks that literal resource names in `apply` and `observe` are the same. */
function lintSubject(path: Path, apply: CommandLine, seen: CommandLine[]): Finding[] {
  const [changed] = apply.positionals
  const verb = apply.command.at(-1)
  if (!changed || verb === 'create' || changed.text.includes('${{')) return []
  const read = seen.map(({ positionals }) => positionals[0]?.text)
  if (read.some((text) => text === undefined || text === changed.text || text.includes('${{'))) return []
  return [
    {
      path: [...path, 'apply', 'gcloud', changed.index],
      message: `\`apply\` changes ${quote(changed.text)}, but \`observe\` reads ${quote(read[0] ?? '')}`,
      hint: 'use the same resource in both',
    },
  ]
}

function lintFields(path: Path, step: GcloudStepTemplate, apply: CommandLine): Finding[] {
  const fields = fieldsOf(apply.command)
  const flags = new Map(apply.flags.map(({ name, index }) => [withoutNo(name), index]))
  const unseen = fields.flatMap((field): Finding[] => {
    const index = flags.get(field.flag)
    if (index === undefined || selecting(field, step).length > 0) return []
    return [
      {
        path: [...path, 'apply', 'gcloud', index],
        message: `nothing in \`select\` reads what \`${field.flag}\` changes`,
        hint: `add ${field.name}: \${{ ${field.select} }}`,
      },
    ]
  })
  const unset = fields.flatMap((field): Finding[] =>
    flags.has(field.flag) ? [] : expected(field, step).map((name) => lacksFlag([...path, 'expect', name], name, field)),
  )
  return [...unseen, ...unset]
}

const lacksFlag = (path: Path, name: string, { flag }: KnownField): Finding => ({
  path,
  on: 'key',
  message: `\`apply\` does not set \`${name}\`, which \`expect\` lists`,
  hint: `add \`${flag}\` to \`apply\`, or use a separate step`,
})

/** Returns the names in `select` whose expression reads a field. */
const selecting = ({ mark }: KnownField, { observe: { select } }: GcloudStepTemplate): string[] =>
  Object.keys(select).filter((name) => mentions(select[name] ?? '', mark))

function mentions(text: string, mark: string): boolean {
  const at = text.indexOf(mark)
  return at >= 0 && !/\w/.test(text.charAt(at + mark.length))
}

/** Returns the names in `expect` that refer to a field. */
export const expected = (field: KnownField, step: GcloudStepTemplate): string[] =>
  selecting(field, step).filter((name) => typeof step.expect === 'object' && Object.hasOwn(step.expect ?? {}, name))
