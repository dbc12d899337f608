import { exposesSecret } from '../gcloud-grammar/command.ts'
import { type CommandLine, readCommandLine } from '../gcloud-grammar/command-line.ts'
import { findCommand, type GcloudKnowledge, isGroup, withoutTrack } from '../gcloud-grammar/command-tree.ts'
import { fieldsOf } from '../gcloud-grammar/known-changes.ts'
import { lintRead } from '../runbook/lint/arguments.ts'
import { type Draft, describing, idOf, placeOf } from './draft.ts'
import { draftFields } from './draft-fields.ts'
import { draftAccount, draftBinding, draftSecret, draftService } from './draft-pairs.ts'

/** Makes a step of a command's words: its observe and undo where the pair is known, else with places to fill in. */
export function draftStep(words: string[], knowledge: GcloudKnowledge): Draft {
  const line = readCommandLine(words, knowledge.tree)
  if (line.command.length === 0 || isGroup(line.node)) return { leftOut: 'gcloud has no such command' }
  if (line.node.unexplored)
    return { leftOut: 'nothing is known of this command here: make the runbook where gcloud is installed' }
  if (lintRead([], words).length === 0) return { leftOut: 'it only reads' }
  if (line.command.includes('access')) return { leftOut: 'it reads a secret' }
  if (exposesSecret(words) && line.command.join(' ') !== 'secrets versions add')
    return { leftOut: 'it passes what may be a secret; no value of it was carried over' }
  if (line.flags.some(({ name, value }) => SECRETIVE.test(name) && value !== undefined && !PASSES_NAMES.test(name)))
    return { leftOut: 'it passes what may be a secret; no value of it was carried over' }
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
    return { leftOut: 'how its effect is seen and taken back is not known' }
  const rest = line.flags.flatMap(({ name, value }) => (value ? [`${name}=${value.text}`] : [name]))
  return {
    marks: [
      'what of the answer shows the effect (`select`), what it must be (`expect`), and how it is taken back (`undo`).',
    ],
    step: {
      id: idOf(line.command.at(-1) ?? '', first.text) || 'step',
      title: `FILL IN what \`gcloud ${line.command.join(' ')}\` sets right, in the imperative`.slice(0, 200),
      subject: first.text,
      observe: { gcloud: [...describe, first.text, ...placeOf(line)], select: { state: '${{ result.state }}' } },
      expect: { state: 'FILL IN' },
      apply: { gcloud: [...line.command, ...line.positionals.map(({ text }) => text), ...rest] },
      undo: { cannotBeUndone: 'FILL IN the command that takes it back, or why nothing can.' },
    },
  }
}
