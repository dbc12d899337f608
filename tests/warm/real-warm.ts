import { join } from 'node:path'
import { childEnvironment } from '../../engine/gcloud/environment.ts'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { checkWarmSdk } from '../../engine/gcloud/warm/sdk.ts'
import { startWarm, type Warm } from '../../engine/gcloud/warm/warm.ts'
import type { Case } from '../fake-gcloud/contract-cases.ts'
import { end, program } from './toy-sdk.ts'

/** Keeps the installed gcloud loaded, with the commands of these families. Throws if there is none or it can't be kept. */
export function startRealWarm(scratch: string, families: { cases: Case[] }[]): { path: string; warm: Warm } {
  const installed = findGcloud(process.env.PATH)
  if (!installed) throw new Error('There is no gcloud on PATH: there is nothing to compare.')
  const sdk = checkWarmSdk(installed, process.platform)
  if ('cold' in sdk) throw new Error(`This gcloud can't be kept warm: ${sdk.cold}`)
  const environment = childEnvironment(process.env, { CLOUDSDK_CONFIG: join(scratch, 'none') })
  const commands = families.flatMap(({ cases }) => cases.map(({ command }) => command.split(' ')))
  const warm = startWarm({ ...sdk, program, version: installed.version, environment, commands, endGroup: end })
  return { path: installed.path, warm }
}
