import type { Argument } from '../../gcloud-grammar/argument.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { commandsOf } from '../step-kinds.ts'
import type { Runbook, StepTemplate } from '../types.ts'
import { lintEffects } from './apply-effects.ts'
import type { Finding, Path } from './findings.ts'
import { lintCommandLine } from './gcloud-usage.ts'
import { bracesOnly, lintLookAlikes, lintShellHabits } from './shell-habits.ts'
import { lintTimes } from './timeouts.ts'
import { lintUndo } from './undo.ts'

/** A gcloud command in a runbook with its path in the file. */
export type PlacedCommand = { path: Path; args: Argument[] }

/**
 * Returns the mistakes in a runbook's gcloud commands: commands and flags that gcloud does not have, changes that the step
 * does not observe and changes that `undo` does not restore.
 */
export function lintCommands(runbook: Runbook, knowledge: GcloudKnowledge): Finding[] {
  return placedSteps(runbook).flatMap(({ path, step }) => {
    const texts = (['title', 'subject', 'record'] as const).flatMap((key) =>
      bracesOnly([...path, key], step[key] ?? ''),
    )
    const placed = placedIn(path, step)
    texts.push(...placed.flatMap((command) => lintLookAlikes(command.path, command.args)))
    const commands = placed.flatMap((command) => lintCommand(command, knowledge))
    // The effect of an invalid command is unknown.
    if (commands.length > 0 || step.kind !== 'gcloud') return [...texts, ...commands]
    return [
      ...texts,
      ...lintEffects(path, step, knowledge),
      ...lintUndo(path, step, knowledge),
      ...lintTimes(path, step),
    ]
  })
}

function lintCommand({ path, args }: PlacedCommand, knowledge: GcloudKnowledge): Finding[] {
  const habits = lintShellHabits(path, args)
  return habits.length > 0 ? habits : lintCommandLine(path, args, knowledge)
}

const placedSteps = (runbook: Runbook): { path: Path; step: StepTemplate }[] =>
  (['steps', 'verify'] as const).flatMap((part) => runbook[part].map((step, index) => ({ path: [part, index], step })))

/** Returns every gcloud command in a runbook. */
export const commandsIn = (runbook: Runbook): PlacedCommand[] =>
  placedSteps(runbook).flatMap(({ path, step }) => placedIn(path, step))

const placedIn = (at: Path, step: StepTemplate): PlacedCommand[] =>
  commandsOf(step).map(({ path, args }) => ({ path: [...at, ...path], args }))
