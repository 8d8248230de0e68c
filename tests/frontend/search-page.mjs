// For test_search_page.py: the search page's behaviors alone.
import { installSearch } from '../../frontend/src/search.js';

installSearch();
