import { classifyFailure, withoutAnswers } from '../../engine/gcloud/failure.ts'
import { runStandIn, type StandInHost } from '../../engine/gcloud/fake/index.ts'
import { crc32c } from '../../engine/steps/secrets/crc32c.ts'
import type { GcloudCall, GcloudResult } from '../../engine/steps/world.ts'

/** Runs a command by the stand-in in a sandbox; waiting takes no time unless the test wants to know of it. */
export const standIn = (
  call: GcloudCall,
  { address, token }: { address: string; token: string },
  more: Partial<StandInHost> = {},
): Promise<GcloudResult> =>
  runStandIn(call, {
    address,
    token,
    version: '0.0.0',
    sleep: async () => {},
    random: (bytes) => new Uint8Array(bytes),
    crc32c,
    mask: (text) => text,
    classify: (exitCode, stderr, secret) => classifyFailure(exitCode, secret ? withoutAnswers(stderr) : stderr),
    ...more,
  })
