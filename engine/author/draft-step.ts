import { exposesSecret } from '../gcloud-grammar/command.ts'
import { type CommandLine, readCommandLine } from '../gcloud-grammar/command-line.ts'
import { findCommand, type GcloudKnowledge, isGroup, withoutTrack } from '../gcloud-grammar/command-tree.ts'
import { fieldsOf } from '../gcloud-grammar/known-changes.ts'
import { lintRead } from '../runbook/lint/arguments.ts'
import { type Draft, describing, idOf, locationOf } from './draft.ts'
import { draftFields } from './draft-fields.ts'
import { draftAccount, draftBinding, draftSecret, draftService } from './draft-pairs.ts'

/** Drafts a step from the arguments of a command, with places to fill in if its `observe` and `undo` are not known. */
export function draftStep(args: string[], knowledge: GcloudKnowledge): Draft {
  const line = readCommandLine(args, knowledge.tree)
  if (line.command.length === 0 || isGroup(line.node)) return { leftOut: 'gcloud has no such command' }
  if (line.node.unexplored)
    return { leftOut: 'this command is not known without gcloud: create the runbook on a machine with gcloud' }
  if (lintRead([], args).length === 0) return { leftOut: 'it only reads' }
  if (line.command.includes('access')) return { leftOut: 'it reads a secret' }
  if (exposesSecret(args) && line.command.join(' ') !== 'secrets versions add')
    return { leftOut: 'it passes a value that can be a secret, which is not copied' }
  if (line.flags.some(({ name, value }) => SECRETIVE.test(name) && value !== undefined && !PASSES_NAMES.test(name)))
    return { leftOut: 'it passes a value that can be a secret, which is not copied' }
  const name = withoutTrack(line.command).join(' ')
  const verb = line.command.at(-1) ?? ''
  if (name === 'secrets versions add') return draftSecret(line)
  if (name === 'services enable' || name === 'services disable') return draftService(line, verb)
  if (name === 'iam service-accounts create') return draftAccount(line)
  if (/^(add|remove)-iam-policy-binding$/.test(verb)) return draftBinding(line, verb)
  const fields = fieldsOf(line.command)
  if (fields.length > 0) return draftFields(line, fields, knowledge)
  return draftOther(line, knowledge)
}

const SECRETIVE = /password|passwd|secret|token|credential|private-key|env-vars/
const PASSES_NAMES = /^--(set|update|remove)-secrets$|^--secret$|^--remove-env-vars$/

function draftOther(line: CommandLine, knowledge: GcloudKnowledge): Draft {
  const describe = describing(line, knowledge)
  const reading = findCommand(knowledge.tree, describe)
  const [first] = line.positionals
  if (!reading || !first || (reading.node.positionals?.least ?? 1) !== 1)
    return { leftOut: 'how to observe and undo its effect is not known' }
  const rest = line.flags.flatMap(({ name, value }) => (value ? [`${name}=${value.text}`] : [name]))
  return {
    marks: [
      'the values that show the effect (`select`), their expected values (`expect`), and the command that undoes it (`undo`).',
    ],
    step: {
      id: idOf(line.command.at(-1) ?? '', first.text) || 'step',
      title: `FILL IN what \`gcloud ${line.command.join(' ')}\` does, in the imperative`.slice(0, 200),
      subject: first.text,
      observe: { gcloud: [...describe, first.text, ...locationOf(line)], select: { state: '${{ result.state }}' } },
      expect: { state: 'FILL IN' },
      apply: { gcloud: [...line.command, ...line.positionals.map(({ text }) => text), ...rest] },
      undo: { cannotBeUndone: 'FILL IN the command that undoes the change, or why it cannot be undone.' },
    },
  }
}
