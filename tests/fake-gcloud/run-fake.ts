import { classifyFailure, withoutAnswers } from '../../engine/gcloud/failure.ts'
import { type FakeGcloudHost, runFakeGcloud } from '../../engine/gcloud/fake/fake-gcloud.ts'
import { crc32c } from '../../engine/steps/secrets/crc32c.ts'
import type { GcloudCall, GcloudResult } from '../../engine/steps/world.ts'

/** Runs a command with the fake gcloud in a sandbox; sleeping takes no time unless the test overrides it. */
export const runFake = (
  call: GcloudCall,
  { address, token }: { address: string; token: string },
  more: Partial<FakeGcloudHost> = {},
): Promise<GcloudResult> =>
  runFakeGcloud(call, {
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
