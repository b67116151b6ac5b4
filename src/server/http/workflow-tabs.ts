import type { GraphiqlTab } from './graphiql.ts';

const error = `... on Error {
      message code remedy
      upstreamCode requestId
    }`;

const ofTheNotebook = JSON.stringify({ id: '{{notebookId}}' }, null, 2);

/**
 * The tabs GraphiQL opens with: the life of a notebook in the order of the documented workflow, a step each, so that
 * pressing play on one after the other works. What stands in double braces is filled in by graphiql-script.ts.
 * @param signIn variables of the first tab
 */
export const workflowTabs = (signIn: Readonly<Record<string, string>>): GraphiqlTab[] => [
  {
    query: `# 1. Sign in. Unless the headers pane below holds
#    a token already, write {{token}} there:
#    it stands for the one you get here.
mutation SignIn($input: IssueTokenInput!) {
  issueToken(input: $input) {
    ... on IssueTokenPayload {
      token
      expiresAt
      project { id name }
    }
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
    nodes {
      imageId
      name
      status
      arch
      resourceCategories
      devServices
      sizeBytes
    }
  }
  flavors {
    nodes {
      flavorId
      name
      category
      vcpus
      memoryMiB
      soldOut
      free
    }
  }
}
`,
  },
  {
    query: `# 3. Create a notebook. From now on {{notebookId}}
#    stands for it in the variables of other tabs.
mutation Create($input: CreateNotebookInput!) {
  createNotebook(input: $input) {
    ... on CreateNotebookPayload {
      notebook {
        notebookId
        name
        status
        lease { expiresAt }
      }
    }
    ${error}
    ... on BadUserInputError {
      issues { path message }
    }
  }
}
`,
    variables: JSON.stringify(
      {
        input: {
          name: 'notebooks_test',
          description: 'api-test',
          flavorId: 'modelarts.vm.cpu.2u',
          imageId: 'e1a07296-22a8-4f05-8bc8-e936c8e54090',
          volume: { category: 'EFS', capacityGiB: 50 },
          lease: { durationSeconds: 3600 },
        },
      },
      null,
      2,
    ),
  },
  {
    query: `# 4. Watch it until it is RUNNING.
subscription Watch($id: ID!) {
  notebookStatusChanged(id: $id, until: [RUNNING]) {
    kind
    status
    previousStatus
    observedAt
    notebook {
      name
      progress {
        percent
        steps { description status }
      }
    }
  }
}
`,
    variables: ofTheNotebook,
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
    nodes {
      notebookId
      name
      status
      flavor { name }
      image { name }
    }
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 6. Give it two hours, counted from now.
mutation Renew($id: ID!) {
  renewLease(
    input: { id: $id, durationSeconds: 7200 }
  ) {
    ... on RenewLeasePayload {
      lease { expiresAt remainingSeconds }
    }
    ${error}
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 7. Stop it.
mutation Stop($id: ID!) {
  stopNotebook(input: { id: $id }) {
    ... on StopNotebookPayload {
      notebook { status }
    }
    ${error}
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 8. Watch it until it is STOPPED:
#    only then can it be started again.
subscription WatchStop($id: ID!) {
  notebookStatusChanged(id: $id, until: [STOPPED]) {
    kind
    status
    previousStatus
    observedAt
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 9. Start it again, for an hour.
mutation Start($id: ID!) {
  startNotebook(
    input: { id: $id, lease: { durationSeconds: 3600 } }
  ) {
    ... on StartNotebookPayload {
      notebook { status }
    }
    ${error}
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 10. Watch it until it is RUNNING again.
subscription WatchStart($id: ID!) {
  notebookStatusChanged(id: $id, until: [RUNNING]) {
    kind
    status
    previousStatus
    observedAt
  }
}
`,
    variables: ofTheNotebook,
  },
  {
    query: `# 11. Delete it, storage and all.
mutation Delete($id: ID!) {
  deleteNotebook(input: { id: $id }) {
    ... on DeleteNotebookPayload {
      notebookId
      notebook { status }
    }
    ${error}
  }
}
`,
    variables: ofTheNotebook,
  },
];
