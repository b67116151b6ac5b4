import type { GraphiqlTab } from './graphiql.ts';

const error = '... on Error { message code remedy upstreamCode requestId }';

/**
 * The tabs GraphiQL opens with: the life of a notebook, a step each.
 * @param signIn variables of the first tab
 */
export const workflowTabs = (signIn: Readonly<Record<string, string>>): GraphiqlTab[] => [
  {
    query: `# 1. Sign in. Copy the token into the headers pane below as "X-Auth-Token".
mutation SignIn($input: IssueTokenInput!) {
  issueToken(input: $input) {
    ... on IssueTokenPayload { token expiresAt project { id name } }
    ${error}
  }
}
`,
    variables: JSON.stringify({ input: signIn }, null, 2),
  },
  {
    query: `# 2. Choose an image and a flavor.
query Choose {
  images(first: 50) {
    totalCount
    nodes { imageId name status arch resourceCategories devServices sizeBytes }
  }
  flavors {
    nodes { flavorId name category vcpus memoryMiB soldOut free }
  }
}
`,
  },
  {
    query: `# 3. Create a notebook. Its notebookId is the id of the next steps.
mutation Create {
  createNotebook(
    input: {
      name: "notebooks_test"
      description: "api-test"
      flavorId: "modelarts.vm.cpu.2u"
      imageId: "e1a07296-22a8-4f05-8bc8-e936c8e54090"
      volume: { category: EFS, capacityGiB: 50 }
      lease: { durationSeconds: 3600 }
    }
  ) {
    ... on CreateNotebookPayload { notebook { notebookId name status lease { expiresAt } } }
    ${error}
    ... on BadUserInputError { issues { path message } }
  }
}
`,
  },
  {
    query: `# 4. Watch it until it runs.
subscription Watch($id: ID!) {
  notebookStatusChanged(id: $id, until: [RUNNING]) {
    kind
    status
    previousStatus
    observedAt
    notebook { name actionProgress { step status description } }
  }
}
`,
    variables: JSON.stringify({ id: 'put the notebookId here' }, null, 2),
  },
  {
    query: `# 5. Look at it, and at all others.
query Show($id: ID!) {
  notebook(id: $id) {
    name
    status
    url
    flavor { name vcpus memoryMiB }
    image { name resourceCategories }
    lease { enabled expiresAt remainingSeconds }
    volume { category capacityGiB mountPath }
  }
  notebooks {
    totalCount
    nodes { notebookId name status flavor { name } image { name } }
  }
}
`,
    variables: JSON.stringify({ id: 'put the notebookId here' }, null, 2),
  },
  {
    query: `# 6. Give it two more hours from now.
mutation Renew($id: ID!) {
  renewLease(input: { id: $id, durationSeconds: 7200 }) {
    ... on RenewLeasePayload { lease { expiresAt remainingSeconds } }
    ${error}
  }
}
`,
    variables: JSON.stringify({ id: 'put the notebookId here' }, null, 2),
  },
  {
    query: `# 7. Stop it, and start it again once it is STOPPED.
mutation Stop($id: ID!) {
  stopNotebook(input: { id: $id }) {
    ... on StopNotebookPayload { notebook { status } }
    ${error}
  }
}

mutation Start($id: ID!) {
  startNotebook(input: { id: $id }) {
    ... on StartNotebookPayload { notebook { status } }
    ${error}
  }
}
`,
    variables: JSON.stringify({ id: 'put the notebookId here' }, null, 2),
  },
  {
    query: `# 8. Delete it, storage and all.
mutation Delete($id: ID!) {
  deleteNotebook(input: { id: $id }) {
    ... on DeleteNotebookPayload { notebook { status } }
    ${error}
  }
}
`,
    variables: JSON.stringify({ id: 'put the notebookId here' }, null, 2),
  },
];
