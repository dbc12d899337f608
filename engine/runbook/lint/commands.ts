import type { Argument } from '../../gcloud-grammar/argument.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { commandsOf } from '../step-kinds.ts'
import type { Runbook, StepTemplate } from '../types.ts'
import { lintCommandLine } from './command-line.ts'
import { lintEffects } from './effects.ts'
import type { Finding, Path } from './findings.ts'
import { bracesOnly, lintLookAlikes, lintShellHabits } from './shell-habits.ts'
import { lintTimes } from './times.ts'
import { lintUndo } from './undo.ts'

/** A gcloud command of a runbook, and where in the file it stands. */
export type PlacedCommand = { path: Path; words: Argument[] }

/**
 * What is wrong with a runbook's gcloud commands as far as gcloud itself is known: commands and flags that it doesn't
 * have, changes that their step can't see or that their undo doesn't take back.
 */
export function lintCommands(runbook: Runbook, knowledge: GcloudKnowledge): Finding[] {
  return placedSteps(runbook).flatMap(({ path, step }) => {
    const texts = (['title', 'subject', 'record'] as const).flatMap((key) =>
      bracesOnly([...path, key], step[key] ?? ''),
    )
    const placed = placedIn(path, step)
    texts.push(...placed.flatMap((command) => lintLookAlikes(command.path, command.words)))
    const commands = placed.flatMap((command) => lintCommand(command, knowledge))
    // What a command with a mistake changes or restores can't be told.
    if (commands.length > 0 || step.kind !== 'gcloud') return [...texts, ...commands]
    return [
      ...texts,
      ...lintEffects(path, step, knowledge),
      ...lintUndo(path, step, knowledge),
      ...lintTimes(path, step),
    ]
  })
}

function lintCommand({ path, words }: PlacedCommand, knowledge: GcloudKnowledge): Finding[] {
  const habits = lintShellHabits(path, words)
  return habits.length > 0 ? habits : lintCommandLine(path, words, knowledge)
}

const placedSteps = (runbook: Runbook): { path: Path; step: StepTemplate }[] =>
  (['steps', 'verify'] as const).flatMap((part) => runbook[part].map((step, index) => ({ path: [part, index], step })))

/** Every gcloud command that a runbook's file writes out. */
export const commandsIn = (runbook: Runbook): PlacedCommand[] =>
  placedSteps(runbook).flatMap(({ path, step }) => placedIn(path, step))

const placedIn = (at: Path, step: StepTemplate): PlacedCommand[] =>
  commandsOf(step).map(({ path, words }) => ({ path: [...at, ...path], words }))
