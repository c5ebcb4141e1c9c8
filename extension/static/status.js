// Runs in a page of a site that the visitor wants watched: the status that the page itself came with.
({ url: location.href, status: performance.getEntriesByType('navigation')[0]?.responseStatus, born: performance.timeOrigin });
