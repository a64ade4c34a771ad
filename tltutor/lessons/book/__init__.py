"""The lessons as pages to read: each executed, its boards as pictures with a replay, in both languages, for any browser and offline."""
