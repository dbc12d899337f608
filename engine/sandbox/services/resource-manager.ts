import type { JsonObject } from '../../base/json.ts'
import type { GoogleApi } from '../model/api.ts'
import { timestamp } from '../model/clock.ts'
import type { Project } from '../model/world.ts'
import {
  concurrentPolicy,
  newPolicy,
  policyInEffect,
  policyJson,
  policyState,
  replacedPolicy,
  requestedVersion,
} from './policy.ts'

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
    'projects.get': { verb: 'GET', path, handle: (_, project) => projectJson(project) },
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
      audited: ({ id }) => ({
        methodName: 'SetIamPolicy',
        resourceName: `projects/${id}`,
        resource: { type: 'project', labels: { project_id: id } },
      }),
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

const projectJson = ({ id, number, created }: Project): JsonObject => ({
  projectNumber: number,
  projectId: id,
  lifecycleState: 'ACTIVE',
  name: id,
  createTime: timestamp(created),
})
