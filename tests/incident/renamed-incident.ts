import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'

const shipped = new URL('../../runbooks/', import.meta.url)

/** Every name of the shipped scenario and inventory, and what it becomes. */
const NAMES: Record<string, string> = {
  'incident-2026-02-27': 'renamed',
  'Prod Runtime Parity': 'Harbour Outage',
  'Prod runtime parity': 'Harbour outage',
  'Deployment run 22471945914 failed its smoke checks.': 'The harbour could not be entered.',
  'jualuma-prod': 'harbour-live',
  'jualuma-stage': 'harbour-trial',
  'jualuma-dev': 'harbour-bench',
  'jualuma-backend': 'ledger-api',
  'frontend-app': 'quay-web',
  'support-portal': 'help-desk',
  'marketing-site': 'landing-pages',
  'cr-backend': 'run-ledger',
  'Cloud Run backend': 'Ledger',
  PLAID_SECRET: 'TIDE_TABLE_KEY',
  '493827156012': '577215664901',
  '702941563818': '141421356237',
  '614820973355': '173205080756',
  'roles/aiplatform.user': 'roles/pubsub.publisher',
  'roles/cloudsql.client': 'roles/bigquery.jobUser',
  'roles/cloudsql.instanceUser': 'roles/spanner.databaseUser',
  'roles/datastore.user': 'roles/storage.objectViewer',
  'roles/secretmanager.secretAccessor': 'roles/cloudtrace.agent',
  'roles/owner': 'roles/viewer',
  'roles/editor': 'roles/browser',
  'us-central1': 'europe-west4',
  jualuma: 'harbour',
  prod: 'live',
  stage: 'trial',
  dev: 'bench',
}

/** What a name of the shipped incident is called in the renamed one. */
export function rename(name: string): string {
  const renamed = NAMES[name]
  if (renamed === undefined) throw new Error(`${name} is not a name of the shipped incident`)
  return renamed
}

/** Finds names where they stand as whole words. */
export const wholeWords = (names: string[]): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])(${names.map((name) => name.replaceAll('.', '\\.')).join('|')})(?![A-Za-z0-9])`, 'g')

/** The shipped text with every name in it replaced, where it stands as a whole word; longest names first. */
function renameAll(text: string): string {
  const names = Object.keys(NAMES).sort((a, b) => b.length - a.length)
  const pattern = wholeWords(names)
  return text.replaceAll(pattern, rename)
}

/** The shipped incident under other names: its scenario, its inventory's text, and all names that must not be seen any more. */
export function renamedIncident(): { scenario: Scenario; inventory: string; oldNames: string[] } {
  const read = (file: string) => readFileSync(new URL(file, shipped), 'utf8')
  const [scenario, inventory] = [read('scenarios/incident-2026-02-27.yaml'), read('inventory.yaml')]
  refuseUnknownNames(parse(scenario) as Scenario)
  return { scenario: parse(renameAll(scenario)), inventory: renameAll(inventory), oldNames: Object.keys(NAMES) }
}

/** A name that came into the shipped scenario later must come into the list above, or this test would prove less than it says. */
function refuseUnknownNames({ projects }: Scenario): void {
  for (const [id, { number, services, secrets, serviceAccounts, iamBindings }] of Object.entries(projects))
    for (const name of [
      id,
      number,
      ...[services, secrets, serviceAccounts].flatMap((named) => Object.keys(named ?? {})),
      ...(iamBindings ?? []).map(({ role }) => role),
    ])
      rename(name)
}
