-- Words are learned when they are published: those of drafts alone are forgotten.
delete from content.search_words where word not in (select unnest(string_to_array(title || ' ' || labels, ' ')) from content.post_search where is_published);
