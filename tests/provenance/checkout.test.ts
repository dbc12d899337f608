import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { makeStage, type Stage, upTo, withBody } from './stage.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let stage: Stage
const git = (repository: string, ...argv: string[]) =>
  execFileSync(
    'git',
    [
      '-C',
      stage.at(repository),
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.test',
      '-c',
      'commit.gpgsign=false',
      ...argv,
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: stage.folder } },
  ).trim()

function commit(repository: string, text: string): void {
  stage.write(`${repository}/deploy.yml`, text)
  git(repository, 'add', 'deploy.yml')
  git(repository, 'commit', '-qm', 'deploy')
}

beforeAll(async () => {
  stage = await makeStage()
  for (const repository of ['app', 'impostor']) {
    stage.write(`${repository}/README`, '')
    git(repository, 'init', '-q')
    commit(repository, `gcloud run deploy ${repository}\n`)
  }
  appendFileSync(
    stage.at('runbooks/posture.yaml'),
    'backfill:\n  - file: deploy.yml\n    points: [{ says: Deploys with public ingress., text: --ingress=all }]\n',
  )
  const { exit, stderr } = await stage.run('INC-1', ['posture'], '--repo', 'app')
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  git('.', 'init', '-q')
  git('.', 'add', 'runbooks')
  commit('.', 'gcloud run deploy . --ingress=all\n')
})

/** Goes on with the run as if it had been cut off before its plan; answers what it found in the repository, too. */
async function resume(incident: string, change: (entries: Entry[]) => Entry[], ...more: string[]) {
  stage.forge('INC-1', incident, (entries) => upTo(change(entries), 'run.opened'))
  const ended = await stage.breakglass('resume', incident, '--yes', ...more)
  const found = stage
    .entries(incident)
    .flatMap((entry) => (entry.type === 'backfill.observed' ? [entry.body.status] : []))
  return { ...ended, found }
}

const same = (entries: Entry[]): Entry[] => entries
const inRepository = (repository: string) => (entries: Entry[]) =>
  withBody(entries, 'run.opened', (body) => {
    const { repositoryCommit: _, ...from } = body.from as NonNullable<typeof body.from>
    return { ...body, from: { ...from, repository } }
  })

test('the log has the commit that the checkout was at', () => {
  const opened = stage.entries('INC-1').find(({ type }) => type === 'run.opened')
  expect(opened).toMatchObject({
    body: { from: { repository: 'app', repositoryCommit: git('app', 'rev-parse', 'HEAD') } },
  })
})

test.each([['app'], ['impostor'], ['logs/../app'], ['runbooks/../.']])(
  'a checkout that only the log names (%s) is not read',
  async (repository) => {
    const { exit, stdout, found } = await resume(`INC-${repository.replaceAll(/\W/g, '-')}`, inRepository(repository))
    expect({ exit, found }).toEqual({ exit: 0, found: ['unchecked'] })
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'is named only by the log, so it is not read. To compare with it, add --repo DIR',
    )
  },
)

test("the workspace's own checkout is read without being named", async () => {
  expect(await resume('INC-own', inRepository('.'))).toMatchObject({ exit: 0, found: ['implemented'] })
})

test('the checkout that is named must have the commit that the run saw; a copy that has moved on has it', async () => {
  const before = (await stage.requests()).length
  const refused = await resume('INC-impostor', same, '--repo', 'impostor')
  expect(refused).toMatchObject({ exit: 2, found: [] })
  expect(refused.stderr).toMatch(
    /repository: commit [0-9a-f]{40} → no such commit in impostor, which is at [0-9a-f]{40}/,
  )
  expect((await resume('INC-none', same, '--repo', 'logs')).stderr).toMatch(/repository: commit [0-9a-f]{40} → no such/)
  expect((await stage.requests()).length).toBe(before)
  git('.', 'clone', '-q', 'app', 'copy')
  commit('copy', 'gcloud run deploy --ingress=all\n')
  expect(await resume('INC-copy', same, '--repo', 'copy')).toMatchObject({ exit: 0, found: ['implemented'] })
})
