import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationCaller } from '../graphql/context.ts';
import type { OperationListener } from '../telemetry/operation.ts';
import type { ClientRates } from './client-rates.ts';

/** Bounds how many subscriptions a caller has open. Its place is behind the plugin that begins operations. */
export const limitSubscriptions = ({ subscriptions }: Pick<ClientRates, 'subscriptions'>): Plugin<OperationCaller> => ({
  onSubscribe({ args, setResultAndStopExecution }) {
    const { credential, operation } = args.contextValue.caller;
    if (operation == null) return;
    const opened = subscriptions.open(credential);
    if (opened instanceof GraphQLError) setResultAndStopExecution({ errors: [opened] });
    else operation.opened = opened;
  },
});

/** Counts them out when their operation has ended, in whatever way. */
export const closeSubscriptions = ({ subscriptions }: Pick<ClientRates, 'subscriptions'>): OperationListener => ({
  operationStarted() {},
  operationEnded(operation) {
    if (operation.opened === null) return;
    subscriptions.close(operation.opened);
    operation.opened = null;
  },
});
