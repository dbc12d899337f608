import { type CommandLine, type GivenFlag, isExpression, readCommandLine } from '../../gcloud-grammar/command-line.ts'
import { type GcloudKnowledge, isGroup, withoutNo, withoutTrack } from '../../gcloud-grammar/command-tree.ts'
import { fieldsOf, oppositesOf } from '../../gcloud-grammar/known-changes.ts'
import type { GcloudStepTemplate } from '../types.ts'
import { expected } from './apply-effects.ts'
import type { Finding, Path } from './findings.ts'

/** Returns what `undo` does not restore, and what it changes instead. */
export function lintUndo(path: Path, step: GcloudStepTemplate, { tree }: GcloudKnowledge): Finding[] {
  if (!step.apply || !step.undo || !('gcloud' in step.undo)) return []
  const apply = readCommandLine(step.apply.gcloud, tree)
  const undo = readCommandLine(step.undo.gcloud, tree)
  if ([apply, undo].some(({ node }) => isGroup(node) || node.unexplored)) return []
  const at = [...path, 'undo', 'gcloud']
  const [applied, undone] = [withoutTrack(apply.command), withoutTrack(undo.command)]
  if (applied.join(' ') === undone.join(' '))
    return [...lintForgotten(at, step, apply, undo), ...lintRepeated(at, apply, undo), ...lintSubject(at, apply, undo)]
  const opposite = oppositesOf(applied.at(-1) ?? '').includes(undone.at(-1) ?? '')
  const sameGroup = applied.slice(0, -1).join(' ') === undone.slice(0, -1).join(' ')
  if (opposite && sameGroup) return lintOpposite(at, apply, undo)
  return []
}

/** Checks that an undo with the command of `apply` restores every value that `apply` sets or `expect` lists. */
function lintForgotten(at: Path, step: GcloudStepTemplate, apply: CommandLine, undo: CommandLine): Finding[] {
  const restored = new Set(undo.flags.map(({ name }) => themeOf(name)))
  const names = new Map(
    fieldsOf(apply.command).flatMap((field) => expected(field, step).map((name) => [field.flag, name] as const)),
  )
  const wanted = [...apply.flags.map(({ name }) => withoutNo(name)), ...names.keys()]
  return [...new Set(wanted)]
    .filter((flag) => !restored.has(themeOf(flag)) && !PASSING.has(flag))
    .map((flag) => {
      const name = names.get(flag)
      return {
        path: at,
        message: `\`undo\` does not restore ${name ? `\`${name}\`` : `what \`${flag}\` changed`}`,
        hint: `add \`${flag}\` with the previous value${name ? `: \${{ before.${name} }}` : ''}`,
      }
    })
}

/** Flags that control how a change is made and have no lasting effect. */
const PASSING = new Set(['--condition', '--etag', '--no-traffic', '--tag', '--revision-suffix', '--timeout-sec'])

/** Returns what a flag changes: `--labels` for `--update-labels`, `--remove-labels` and `--clear-labels`. */
const themeOf = (flag: string): string => withoutNo(flag).replace(/^--(set|update|add|remove|clear)-/, '--')

/** Returns the flags that `undo` sets to the value that `apply` sets. */
function lintRepeated(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  return undo.flags.flatMap((flag) => {
    const same = apply.flags.find(
      ({ name, value, on }) => name === flag.name && textOf(value) === textOf(flag.value) && on === flag.on,
    )
    if (!same || flag.on !== undefined || LOCATING.has(flag.name) || textOf(flag.value)?.includes('before')) return []
    return [
      {
        path: [...at, flag.index],
        message: `\`undo\` sets \`${flag.name}\` to the same value as \`apply\``,
        hint: 'use the previous value: ${{ before.NAME }}',
      },
    ]
  })
}

const textOf = (value: GivenFlag['value']): string | undefined => value?.text.replaceAll(/\s+/g, '')

/** Flags that identify a resource. */
const LOCATING = new Set([
  ...['--region', '--zone', '--location', '--namespace', '--cluster', '--container', '--instance', '--network'],
  ...['--secret', '--member', '--role', '--condition', '--iam-account', '--global', '--organization', '--folder'],
])

function lintSubject(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  return undo.positionals.flatMap(({ text, index }, nth) => {
    const applied = apply.positionals[nth]?.text
    if (applied === undefined || applied === text || isExpression(applied) || isExpression(text)) return []
    return [otherTarget([...at, index], text, applied)]
  })
}

const otherTarget = (path: Path, undone: string, applied: string): Finding => ({
  path,
  message: `\`undo\` targets \`${undone}\`, but \`apply\` targets \`${applied}\``,
  hint: 'undo exactly what `apply` does',
})

/** Checks that an opposite command targets the same resource: the same member, the same role. */
function lintOpposite(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  const others = undo.flags.flatMap((flag) => {
    const applied = textOf(apply.flags.find(({ name }) => name === flag.name)?.value)
    const undone = textOf(flag.value)
    if (!LOCATING.has(flag.name) || applied === undefined || undone === undefined || applied === undone) return []
    return [otherTarget([...at, flag.index], `${flag.name}=${undone}`, `${flag.name}=${applied}`)]
  })
  const creates = /^(un)?(create|delete)$/.test(apply.command.at(-1) ?? '')
  return creates ? others : [...others, ...lintSubject(at, apply, undo)]
}
