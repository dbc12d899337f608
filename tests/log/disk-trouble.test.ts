import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { describeTrouble, exitCodeOfTrouble } from '../../engine/disk/fs-errors.ts'
import { makeTeamDesk, type TeamDesk } from './team-desk.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

let desk: TeamDesk
beforeAll(async () => {
  desk = await makeTeamDesk({
    live: { services: [{ name: 'web', posture: 'public' }] },
    heronLive: { services: { web: { region: 'us-central1', ingress: 'internal', invokerCheck: false } } },
  })
})

test.each([
  ['ENOSPC', 'the disk is full (ENOSPC)', 1],
  ['EROFS', 'the disk is read-only (EROFS)', 1],
  ['EACCES', 'permission denied (EACCES)', 1],
  ['ENOTDIR', 'a part of the path is a file, not a folder (ENOTDIR)', 2],
  ['EISDIR', 'it is a folder (EISDIR)', 2],
] as const)('%s is said as: %s, with exit code %d', (code, words, exitCode) => {
  const error = Object.assign(new Error(`${code}: bad, open '/x'`), { code })
  expect(describeTrouble(error)).toBe(words)
  expect(exitCodeOfTrouble(error)).toBe(exitCode)
})

test('a --logs that is a file is refused in a sentence, before anything is looked at', async () => {
  desk.write('a-file', '')
  for (const logs of ['a-file', 'a-file/logs']) {
    const { exit, stderr } = await desk.run('access-posture', 'INC-1', '--logs', logs)
    expect({ exit, stderr }).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(
        /^error: cannot create the folder \S+: .*a file.*\nhint: nothing was changed; choose another/,
      ),
    })
  }
  expect(await desk.changes()).toEqual([])
})

test('requests that cannot be written, and a port that is none, are refused before the sandbox starts', {
  timeout: 240_000,
}, async () => {
  const scenario = desk.write(
    'scenario.yaml',
    "apiVersion: breakglass/v1\nkind: Scenario\nmetadata: { name: s, title: S }\nprojects: { heron-live: { number: '271828182845' } }\n",
  )
  desk.write('a-file', '')
  const sandbox = (...more: string[]) => desk.breakglass('sandbox', scenario, ...more, '--', 'node', '-e', '')
  const requests = await sandbox('--requests', 'a-file/requests.jsonl')
  expect(requests).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(
      /^error: cannot write the requests to \S+: a part of the path is a file.*\n.*--requests FILE/,
    ),
  })
  for (const port of ['abc', '70000']) {
    const { exit, stderr } = await sandbox(`--port=${port}`)
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining(`--port ${port} is not a port`) })
  }
  const occupied = createServer()
  await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
  const { port } = occupied.address() as { port: number }
  expect(await sandbox('--port', String(port))).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining(`the sandbox can't listen on port ${port}: it is already in use`),
  })
  occupied.close()
})

test('a run that is refused leaves no folder behind, and takes none away that was there', async () => {
  const given = ['--logs', 'new/logs', '--input', 'nothing=1']
  expect((await desk.run('access-posture', 'INC-2', ...given)).exit).toBe(2)
  expect(existsSync(join(desk.folder, 'new'))).toBe(false)
  mkdirSync(join(desk.folder, 'old', 'logs'), { recursive: true })
  expect((await desk.run('access-posture', 'INC-2', '--logs', 'old/logs', '--input', 'nothing=1')).exit).toBe(2)
  expect(readdirSync(join(desk.folder, 'old', 'logs'))).toEqual([])
})
