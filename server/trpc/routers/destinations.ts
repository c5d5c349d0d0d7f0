import { z } from "zod";
import { addDestination, addDestinationInput } from "../../flows/add-destination.ts";
import { listDestinations } from "../../flows/list-destinations.ts";
import { resendDeadLetters } from "../../flows/resend-dead-letters.ts";
import { switchDestination } from "../../flows/switch-destination.ts";
import { operatorProcedure, router, steppedUpProcedure, verbContext } from "../procedure.ts";

const one = z.object({ destinationId: z.uuid() });

/** Outside systems that are told what happens. */
export const destinationsRouter = router({
  list: operatorProcedure.query(({ ctx }) => listDestinations(verbContext(ctx))),
  add: steppedUpProcedure
    .input(addDestinationInput)
    .mutation(({ ctx, input }) => addDestination(verbContext(ctx), input)),
  switch: operatorProcedure
    .input(one.extend({ enabled: z.boolean() }))
    .mutation(({ ctx, input }) => switchDestination(verbContext(ctx), input)),
  resend: operatorProcedure
    .input(one)
    .mutation(({ ctx, input }) => resendDeadLetters(verbContext(ctx), input)),
});
