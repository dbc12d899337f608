import pLimit from 'p-limit'
import { markOf } from '../steps/mark.ts'
import type { GcloudCall, GcloudResult } from '../steps/world.ts'
import { runGcloud } from './client.ts'
import { childEnvironment, marking } from './environment.ts'
import type { Installed } from './find.ts'
import type { Wanted } from './preflight/examine.ts'
import { keepWarm } from './warm/keep-warm.ts'
import type { Warm } from './warm/warm.ts'

/** An installed gcloud, ready to run commands; close it, since it may keep a process. */
export type OpenGcloud = { run(call: GcloudCall): Promise<GcloudResult>; warm: Warm; close(): Promise<void> }

/** What opening gcloud needs of the process. */
export type GcloudParts = {
  environment: Readonly<Record<string, string | undefined>>
  platform: string
  packageFolder: string
  /** How many gcloud processes may read in parallel; twice as many may change something. */
  coldWidth: number
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
}

/** Opens the installed gcloud with the given variables. With a mark, each request's user agent carries it and the step. */
export function openGcloud(
  installed: Installed,
  added: Readonly<Record<string, string>>,
  { needs, cold = false }: Wanted,
  mask: (text: string) => string,
  { environment: caller, platform, packageFolder, coldWidth, endGroup, onChild }: GcloudParts,
  mark?: string,
): OpenGcloud {
  const environment = childEnvironment(caller, added)
  const commands = [...(needs?.commands ?? []), ...OWN_COMMANDS]
  const warm = keepWarm(installed, { platform, packageFolder, environment, commands, cold, endGroup })
  const queues = { read: pLimit(coldWidth), change: pLimit(2 * coldWidth) }
  const queueCold = <T>(run: () => Promise<T>, what: 'read' | 'change') => queues[what](run)
  const host = { path: installed.path, endGroup, onChild, mask, warm, queueCold }
  const marked = ({ step }: GcloudCall) => (mark === undefined ? {} : marking(markOf(mark, step)))
  return {
    run: (call) => runGcloud(call, { ...host, environment: { ...environment, ...marked(call) } }),
    warm,
    close: warm.close,
  }
}

/** The commands that checking the machine runs. */
const OWN_COMMANDS = [
  ['config', 'list'],
  ['auth', 'print-access-token'],
]
