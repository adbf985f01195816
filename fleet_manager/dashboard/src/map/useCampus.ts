/** The campus map as the pages use it: the document, the model made of it once, and its search. */
import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import { campusQuery } from "../api/queries";
import type { CampusDocument } from "../api/types";
import { selectMapVersion, useLive } from "../live/LiveProvider";
import { CampusModel } from "./campusModel";
import { MapSearch } from "./search";

const models = new WeakMap<CampusDocument, CampusModel>();
const searches = new WeakMap<CampusModel, MapSearch>();

/** The model of a document; the same document gives the same one. */
export function modelOf(document: CampusDocument): CampusModel {
  let model = models.get(document);
  if (!model) {
    model = new CampusModel(document);
    models.set(document, model);
  }
  return model;
}

export function searchOf(model: CampusModel): MapSearch {
  let search = searches.get(model);
  if (!search) {
    search = new MapSearch(model);
    searches.set(model, search);
  }
  return search;
}

/** The model, once the map is there; fetched anew when another version comes into use. */
export function useCampusModel(): { query: UseQueryResult<CampusDocument>; model: CampusModel | null } {
  const query = useQuery(campusQuery);
  const queries = useQueryClient();
  const inUse = useLive(selectMapVersion);
  const shown = query.data?.version;
  useEffect(() => {
    if (inUse && shown && inUse !== shown) {
      for (const key of ["map", "assets", "validation", "map-versions", "restrictions"]) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    }
  }, [inUse, shown, queries]);
  return { query, model: query.data?.features ? modelOf(query.data) : null };
}
