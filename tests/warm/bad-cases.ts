import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import type { Family } from '../fake-gcloud/contract-cases.ts'

const inRegion = '--region=us-central1'
const STATUSES = [400, 401, 403, 404, 409, 429]

/** Adds secrets, each of which answers with one kind of API error. */
export function withBadAnswers(scenario: Scenario): Scenario {
  const project = scenario.projects['acme-prod']
  if (!project?.secrets) throw new Error('the scenario has no secrets')
  for (const status of STATUSES) {
    project.secrets[`answers-${status}`] = { versions: [{ text: 'x' }] }
    scenario.faults?.push({
      on: { service: 'secretmanager', method: 'versions.access', resource: `answers-${status}`, calls: 'every' },
      answer: { status },
    })
  }
  return scenario
}

/** Commands that no runbook should have, with their stdin. */
export const badFamilies: Family[] = [
  {
    name: 'command lines that are wrong',
    cases: [
      { command: `run services describe web --regoin us-central1` },
      { command: `run services delte web ${inRegion}` },
      { command: 'nothing of the kind' },
      { command: '' },
      { command: 'run services' },
      { command: 'secrets versions add api-key' },
      { command: 'secrets versions add api-key --data-file=/nowhere/at/all' },
      { command: `run services update web ${inRegion} --iap --no-iap` },
      { command: `run services update web ${inRegion} --ingress` },
      { command: `run services describe é😀 ${inRegion}` },
      { command: 'secrets describe projects/other/secrets/s' },
      { command: 'iam service-accounts create UPPER_CASE' },
      { command: 'run services list --filter=metadata.name:web --sort-by=~metadata.name --limit=1' },
      { command: 'run services describe --help' },
    ],
  },
  {
    name: 'answers that are errors',
    cases: STATUSES.map((status) => ({ command: `secrets versions access 1 --secret=answers-${status}` })),
  },
  {
    name: 'stdin',
    cases: [
      {
        command: 'secrets versions add api-key --data-file=-',
        stdin: Buffer.from(Array.from({ length: 256 }, (_, b) => b)),
      },
      { command: 'secrets versions access 6 --secret=api-key' },
      { command: 'secrets versions add api-key --data-file=-', stdin: Buffer.alloc(65_536, 'x') },
      { command: 'secrets versions add api-key --data-file=-', stdin: Buffer.alloc(2_000_000, 'x') },
      { command: 'secrets versions add api-key --data-file=-' },
      { command: `run services describe web ${inRegion}`, stdin: Buffer.from('not read') },
    ],
  },
  {
    name: "gcloud's own settings, changed under way",
    cases: [
      { command: 'config list', project: '' },
      { command: 'config set run/region europe-west1', project: '' },
      { command: 'config list', project: '' },
      { command: 'run services describe web', project: 'acme-prod' },
      { command: 'config configurations create other', project: '' },
      { command: 'config list', project: '' },
      { command: 'auth list', project: '' },
      { command: 'auth print-access-token', project: '' },
      { command: 'version', project: '' },
    ],
  },
]
