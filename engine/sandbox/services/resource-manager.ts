import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { AuditNaming, GoogleApi } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import { timestamp } from '../model/clock.ts'
import type { Project, World } from '../model/world.ts'
import {
  concurrentPolicy,
  newPolicy,
  policyInEffect,
  policyJson,
  policyState,
  replacedPolicy,
  requestedVersion,
} from './policy.ts'
import { newProject } from './projects.ts'
import { defaultApis } from './service-usage.ts'

const path = '/v1/projects/{project}'

/** The error for a missing permission or project, which names neither. */
const denied = 'The caller does not have permission'

/** Resource Manager v1: projects and their IAM policies (cloud.google.com/resource-manager/reference/rest/v1/projects). */
export const resourceManagerApi: GoogleApi<'cloudresourcemanager'> = {
  methods: {
    'projects.list': {
      verb: 'GET',
      path: '/v1/projects',
      handleAll: ({ projects }) => ({ projects: projects.map(projectJson) }),
    },
    'projects.get': { verb: 'GET', path: [path, '/v3/projects/{project}'], handle: getProject },
    'projects.create': {
      verb: 'POST',
      path: '/v1/projects',
      handleAll: createProject,
      audited: audit('CreateProject'),
    },
    'projects.update': {
      verb: 'PUT',
      path,
      handle(_, project, { body }) {
        const { name, labels } = settingsIn(body, project)
        return projectJson(Object.assign(project, { name, labels }))
      },
      audited: audit('UpdateProject'),
    },
    'projects.delete': {
      verb: 'DELETE',
      path,
      handle(_, project) {
        if (project.state !== 'ACTIVE') refuse(400, 'Cannot delete an inactive project.', 'FAILED_PRECONDITION')
        project.state = 'DELETE_REQUESTED'
        return {}
      },
      audited: audit('DeleteProject'),
    },
    'projects.undelete': {
      verb: 'POST',
      path: `${path}:undelete`,
      handle(_, project) {
        if (project.state === 'ACTIVE') refuse(400, 'Cannot restore an active project.', 'FAILED_PRECONDITION')
        project.state = 'ACTIVE'
        return {}
      },
      audited: audit('UndeleteProject'),
    },
    'projects.getIamPolicy': {
      verb: 'POST',
      path: `${path}:getIamPolicy`,
      handle: (_, { policy }, { body, query }) => policyJson(policy, requestedVersion(body, query)),
    },
    'projects.setIamPolicy': {
      verb: 'POST',
      path: `${path}:setIamPolicy`,
      handle(world, project, { body, effects }) {
        const policy = replacedPolicy(world, project.policy, body)
        const now = world.clock.now()
        const until = now + (effects?.propagationMs ?? 0)
        Object.assign(project, { policy, policyBefore: { policy: policyInEffect(project, now), until } })
        return policyJson(project.policy, 3)
      },
      audited: audit('SetIamPolicy'),
      faults: ['orgPolicy', 'propagation'],
      concurrentWriter: {
        keys: ['bind', 'unbind'],
        write(world, project, _, change) {
          project.policy = concurrentPolicy(world, project.policy, change)
        },
      },
    },
    'projects.testIamPermissions': {
      verb: 'POST',
      path: `${path}:testIamPermissions`,
      handle: (_, __, { body }) => ({ permissions: body.permissions ?? [] }),
    },
  },
  permission: (method) => `resourcemanager.${method}`,
  denied: () => ({ message: denied }),
  noProject: denied,
  seed({ random }, project, { iamBindings = [] }) {
    project.policy = newPolicy(random, iamBindings)
  },
  snapshot: (_, { policy }) => ({ iamPolicy: policyState(policy) }),
}

function audit(methodName: string): AuditNaming {
  return ({ id }) => ({
    methodName,
    resourceName: `projects/${id}`,
    resource: { type: 'project', labels: { project_id: id } },
  })
}

const projectJson = ({ id, number, created, state, name, labels, parent }: Project): JsonObject => ({
  projectNumber: number,
  projectId: id,
  lifecycleState: state,
  name,
  createTime: timestamp(created),
  ...(Object.keys(labels).length > 0 && { labels }),
  ...(parent && { parent }),
})

function getProject(_: World, project: Project, { path }: Call): JsonObject {
  if (!path.startsWith('/v3/')) return projectJson(project)
  const { id, number, created, state, name, labels, parent } = project
  return {
    name: `projects/${number}`,
    ...(parent && { parent: `${parent.type}s/${parent.id}` }),
    projectId: id,
    state,
    displayName: name,
    createTime: timestamp(created),
    updateTime: timestamp(created),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
}

/** Creates a project and answers with an operation that is over when it is asked for. */
function createProject(world: World, { body }: Call): JsonObject {
  const { clock, random, projects, shapes } = world
  const id = typeof body.projectId === 'string' ? body.projectId : ''
  if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(id))
    refuse(400, 'project_id must be 6 to 30 lowercase letters, digits or hyphens, and start with a letter.')
  if (projects.some((each) => each.id === id)) refuse(409, 'Requested entity already exists', 'ALREADY_EXISTS')
  const number = String(100_000_000_000 + (Buffer.from(random(6)).readUIntBE(0, 6) % 900_000_000_000))
  const apis = new Set(Object.keys(defaultApis))
  const project: Project = {
    ...newProject(id, number, clock.now()),
    ...settingsIn(body, { name: id, labels: {} }),
    apis,
  }
  if (isJsonObject(body.parent ?? null)) project.parent = body.parent as { type: string; id: string }
  projects.push(project)
  const name = `operations/cp.${number}`
  shapes.operations.set(`cloudresourcemanager/${name}`, {
    name,
    metadata: {
      '@type': 'type.googleapis.com/google.cloudresourcemanager.v1.ProjectCreationStatus',
      ...{ createTime: timestamp(clock.now()), gettable: true, ready: true },
    },
    done: true,
    response: { '@type': 'type.googleapis.com/google.cloudresourcemanager.v1.Project', ...projectJson(project) },
  })
  return { name }
}

/** Returns a project's display name and labels as a request sets them. */
const settingsIn = (body: JsonObject, { name, labels }: Pick<Project, 'name' | 'labels'>) => ({
  name: typeof body.name === 'string' ? body.name : name,
  labels: isJsonObject(body.labels ?? null) ? (body.labels as JsonObject) : labels,
})
