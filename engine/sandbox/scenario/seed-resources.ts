import { own } from '../../base/own.ts'
import { UserError } from '../../base/problem.ts'
import type { IndexedApi } from '../apis/description.ts'
import { filled, withoutCredentials } from '../apis/fields.ts'
import type { DescribeApi } from '../apis/load.ts'
import type { ShapeCall } from '../apis/shape-call.ts'
import { put } from '../apis/shapes.ts'
import type { ScenarioResource } from '../model/scenario.ts'
import type { World } from '../model/world.ts'
import { readMessage } from '../request-form.ts'
import { isOfSimulated } from '../routing.ts'
import { OPERATOR } from '../services/audit-log.ts'

/** Fills the world with a scenario's resources of described APIs, in their order. Throws UserError for one that its API would not have. */
export async function seedResources(
  world: World,
  resources: ScenarioResource[],
  describe: DescribeApi | undefined,
): Promise<void> {
  if (resources.length > 0 && describe === undefined)
    throw new UserError(
      `the scenario has resources of ${resources[0]!.api}, which only an installed Cloud SDK describes`,
      'install the Cloud SDK: https://cloud.google.com/sdk/docs/install',
      1,
    )
  for (const [i, resource] of resources.entries()) await seed(world, resource, `resources[${i}]`, describe!)
}

async function seed(world: World, given: ScenarioResource, at: string, describe: DescribeApi): Promise<void> {
  const { api: name, version = 'v1', path, body } = given
  const api = await describe(name, version)
  if (!api || (given.version !== undefined && api.version !== given.version))
    throw wrong(`${at}.api`, `the installed SDK has no ${name}${given.version ? ` ${version}` : ''}`)
  const call = callAt(world, api, path)
  if (!call || isOfSimulated(name, call.method))
    throw wrong(
      `${at}.path`,
      call ? `the sandbox simulates ${name} itself; give it under projects` : `${name} has no resource at ${path}`,
    )
  const project = /^projects\/([^/]+)/.exec(path)?.[1]
  if (project !== undefined && !world.projects.some(({ id }) => id === project))
    throw wrong(`${at}.path`, `project ${project} is not in the scenario; names have a project's ID`)
  const type = call.method.response
  const { message, wrong: errors } = readMessage(type, body, (each) => own(api.types, each))
  if (errors.length > 0) throw wrong(`${at}.body`, errors.join(' '))
  const value = withoutCredentials(message)
  const id = path.split('/').at(-1) ?? ''
  put(world.shapes, call, { name: path, type, value: { ...filled(call, path, id, type, value), ...value } })
}

/** Returns a read of the resource at a name; undefined if the API has none there. */
function callAt(world: World, api: IndexedApi, name: string): ShapeCall | undefined {
  // All methods have their service path and version in common.
  const root = /^.*?\/(?:v\d+\w*|alpha|beta)(?=\/)/.exec(api.methods[0]?.path ?? '')?.[0] ?? ''
  const path = `${root}/${name}`
  const method = api.methodAt('GET', path)?.method
  if (!method?.path.endsWith('}')) return undefined
  return {
    ...{ api, method, path, query: new URLSearchParams(), body: {}, projects: world.projects },
    ...{ user: OPERATOR, now: world.clock.now(), random: world.random },
  }
}

const wrong = (at: string, message: string): UserError =>
  new UserError(`${at} of the scenario: ${message}`, 'correct the scenario, then start again')
