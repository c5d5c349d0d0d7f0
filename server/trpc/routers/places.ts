import { z } from "zod";
import { addPlace } from "../../layers/monitoring/add-place.ts";
import { listPlaces } from "../../layers/monitoring/list-places.ts";
import { addPlaceInput, place } from "../../layers/monitoring/place-schema.ts";
import { removePlace } from "../../layers/monitoring/remove-place.ts";
import { operatorProcedure, router, verbContext } from "../procedure.ts";

/** Where networks are: what impossible travel is measured by. */
export const placesRouter = router({
  list: operatorProcedure
    .meta({ openapi: { method: "GET", path: "/places", summary: "Where networks are" } })
    .output(z.array(place))
    .query(({ ctx }) => listPlaces(verbContext(ctx))),
  add: operatorProcedure
    .meta({ openapi: { method: "POST", path: "/places", summary: "Say where a network is" } })
    .input(addPlaceInput)
    .output(z.object({ placeId: z.uuid() }))
    .mutation(({ ctx, input }) => addPlace(verbContext(ctx), input)),
  remove: operatorProcedure
    .meta({
      openapi: { method: "POST", path: "/places/{placeId}/removal", summary: "Take back where a network is" },
    })
    .input(z.object({ placeId: z.uuid() }))
    .output(z.object({ placeId: z.uuid() }))
    .mutation(({ ctx, input }) => removePlace(verbContext(ctx), input)),
});
