import { type CommandLine, type GivenFlag, isExpression, readCommandLine } from '../../gcloud-grammar/command-line.ts'
import { type GcloudKnowledge, isGroup, withoutNo, withoutTrack } from '../../gcloud-grammar/command-tree.ts'
import { fieldsOf, oppositesOf } from '../../gcloud-grammar/known-changes.ts'
import type { GcloudStepTemplate } from '../types.ts'
import { expected } from './effects.ts'
import type { Finding, Path } from './findings.ts'

/** An undo that leaves something as `apply` made it, or takes back something else. */
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

/** The same command gives back what it took: each thing that `apply` sets, and each that is expected. */
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
        message: `the undo does not restore ${name ? `\`${name}\`` : `what \`${flag}\` changed`}`,
        hint: `give it \`${flag}\` with the value from before${name ? `: \${{ before.${name} }}` : ''}`,
      }
    })
}

/** Flags that say how a change is made and leave nothing behind. */
const PASSING = new Set(['--condition', '--etag', '--no-traffic', '--tag', '--revision-suffix', '--timeout-sec'])

/** What a flag is about: `--update-labels`, `--remove-labels` and `--clear-labels` are about labels. */
const themeOf = (flag: string): string => withoutNo(flag).replace(/^--(set|update|add|remove|clear)-/, '--')

/** A value that the undo sets as `apply` does undoes nothing. */
function lintRepeated(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  return undo.flags.flatMap((flag) => {
    const same = apply.flags.find(
      ({ name, value, on }) => name === flag.name && textOf(value) === textOf(flag.value) && on === flag.on,
    )
    if (!same || flag.on !== undefined || LOCATING.has(flag.name) || textOf(flag.value)?.includes('before')) return []
    return [
      {
        path: [...at, flag.index],
        message: `the undo sets \`${flag.name}\` as \`apply\` does, which takes nothing back`,
        hint: 'set what was there before: ${{ before.NAME }}',
      },
    ]
  })
}

const textOf = (value: GivenFlag['value']): string | undefined => value?.text.replaceAll(/\s+/g, '')

/** Flags that say where a thing is or which one it is. */
const LOCATING = new Set([
  ...['--region', '--zone', '--location', '--namespace', '--cluster', '--container', '--instance', '--network'],
  ...['--secret', '--member', '--role', '--condition', '--iam-account', '--global', '--organization', '--folder'],
])

function lintSubject(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  return undo.positionals.flatMap(({ text, index }, nth) => {
    const applied = apply.positionals[nth]?.text
    if (applied === undefined || applied === text || isExpression(applied) || isExpression(text)) return []
    return [otherThing([...at, index], text, applied)]
  })
}

const otherThing = (path: Path, undone: string, applied: string): Finding => ({
  path,
  message: `the undo is about \`${undone}\`, and \`apply\` about \`${applied}\``,
  hint: 'take back exactly what was done',
})

/** The opposite command must be about the very same: the same member, the same role. */
function lintOpposite(at: Path, apply: CommandLine, undo: CommandLine): Finding[] {
  const others = undo.flags.flatMap((flag) => {
    const applied = textOf(apply.flags.find(({ name }) => name === flag.name)?.value)
    const undone = textOf(flag.value)
    if (!LOCATING.has(flag.name) || applied === undefined || undone === undefined || applied === undone) return []
    return [otherThing([...at, flag.index], `${flag.name}=${undone}`, `${flag.name}=${applied}`)]
  })
  const creates = /^(un)?(create|delete)$/.test(apply.command.at(-1) ?? '')
  return creates ? others : [...others, ...lintSubject(at, apply, undo)]
}
