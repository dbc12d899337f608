import { own } from '../../base/own.ts'
import type { FakeGcloudCommand } from '../fake/commands.ts'

/** A permission, and whether it can be granted on a single resource, which checking the project doesn't show. */
export type Permission = { name: string; on: 'project' | 'resource' }

const project = (...names: string[]): Permission[] => names.map((name) => ({ name, on: 'project' }))
const resource = (...names: string[]): Permission[] => names.map((name) => ({ name, on: 'resource' }))

/** Permissions by gcloud command, without `beta` (cloud.google.com/iam/docs/permissions-reference); at least those of every command of the fake gcloud. */
const COMMANDS: Record<FakeGcloudCommand, Permission[]> & Record<string, Permission[]> = {
  'run services list': project('run.services.list'),
  'run revisions list': project('run.revisions.list'),
  'run services describe': resource('run.services.get'),
  'run services update': resource('run.services.get', 'run.services.update'),
  'run services get-iam-policy': resource('run.services.getIamPolicy'),
  'run services add-iam-policy-binding': resource('run.services.getIamPolicy', 'run.services.setIamPolicy'),
  'run services remove-iam-policy-binding': resource('run.services.getIamPolicy', 'run.services.setIamPolicy'),
  'secrets list': project('secretmanager.secrets.list'),
  'secrets describe': resource('secretmanager.secrets.get'),
  'secrets versions list': resource('secretmanager.versions.list'),
  'secrets versions describe': resource('secretmanager.versions.get'),
  'secrets versions access': resource('secretmanager.versions.access'),
  'secrets versions add': resource('secretmanager.versions.add'),
  'projects describe': project('resourcemanager.projects.get'),
  'projects get-iam-policy': project('resourcemanager.projects.getIamPolicy'),
  'projects add-iam-policy-binding': project(
    'resourcemanager.projects.getIamPolicy',
    'resourcemanager.projects.setIamPolicy',
  ),
  'projects remove-iam-policy-binding': project(
    'resourcemanager.projects.getIamPolicy',
    'resourcemanager.projects.setIamPolicy',
  ),
  'iam service-accounts list': project('iam.serviceAccounts.list'),
  'iam service-accounts describe': resource('iam.serviceAccounts.get'),
  'iam service-accounts create': project('iam.serviceAccounts.create'),
  'iam service-accounts delete': resource('iam.serviceAccounts.delete'),
  'iam service-accounts enable': resource('iam.serviceAccounts.enable'),
  'iam service-accounts disable': resource('iam.serviceAccounts.disable'),
  'iam service-accounts keys list': resource('iam.serviceAccountKeys.list'),
  'logging read': project('logging.logEntries.list'),
  'services list': project('serviceusage.services.list'),
  'services enable': project('serviceusage.services.enable'),
}

/** Permissions that a flag adds to its command's. */
const FLAGS: Record<string, Permission[]> = {
  '--service-account': resource('iam.serviceAccounts.actAs'),
  '--invoker-iam-check': resource('run.services.setIamPolicy'),
  '--no-invoker-iam-check': resource('run.services.setIamPolicy'),
}

/** Returns the permissions that a command needs; undefined for an unknown command. */
export function permissionsOf(argv: string[]): Permission[] | undefined {
  const named = argv[0] === 'beta' || argv[0] === 'alpha' ? argv.slice(1) : argv
  const command = Object.keys(COMMANDS).find((known) => named.slice(0, known.split(' ').length).join(' ') === known)
  if (command === undefined) return undefined
  const flags = named.flatMap((word) => own(FLAGS, word.split('=', 1)[0] ?? '') ?? [])
  return [...(COMMANDS[command] ?? []), ...flags]
}
